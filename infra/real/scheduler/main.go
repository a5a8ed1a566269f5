// The program is Dapr's scheduler, whose server also pings its clients, as that of later releases does. A daprd of 1.18
// relies on it: where it hears nothing for ten seconds it pings itself, and for the third ping the server, which takes
// no more than one in five minutes, hangs up. Every half a minute, what was with the app would be cut off.
package main

import (
	"time"
	_ "unsafe" // for go:linkname

	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"

	"github.com/dapr/dapr/cmd/scheduler/app"
)

// The scheduler makes its server by itself; this is how gRPC's own packages give every server an option.
//
//go:linkname addGlobalServerOptions google.golang.org/grpc/internal.AddGlobalServerOptions
var addGlobalServerOptions any

func main() {
	// As in dapr/dapr v1.18.1, pkg/scheduler/server/server.go.
	pings := keepalive.ServerParameters{Time: 3 * time.Second, Timeout: 5 * time.Second}
	addGlobalServerOptions.(func(...grpc.ServerOption))(grpc.KeepaliveParams(pings))
	app.Run()
}
