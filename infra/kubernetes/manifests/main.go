// Command manifests renders and checks Kubernetes manifests:
//
//	manifests render FOLDER    prints what "kubectl kustomize FOLDER" makes, as a JSON array
//	manifests check FOLDER [KNATIVE]
//	                           reads such an array and prints the faults it finds, as a JSON array; the folder has the
//	                           custom resource definitions to go by, the file the ConfigMaps that Knative has in the
//	                           cluster, where they say something else than its own
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	result, err := run(os.Args[1:], os.Stdin)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(result)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string, input io.Reader) (any, error) {
	switch {
	case len(arguments) == 2 && arguments[0] == "render":
		return render(arguments[1])
	case (len(arguments) == 2 || len(arguments) == 3) && arguments[0] == "check":
		var objects []json.RawMessage
		if err := json.NewDecoder(input).Decode(&objects); err != nil {
			return nil, err
		}
		return check(objects, arguments[1], strings.Join(arguments[2:], ""))
	}
	return nil, fmt.Errorf("usage: manifests render FOLDER | manifests check FOLDER [KNATIVE]")
}
