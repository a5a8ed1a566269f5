// What holds the namespaces of a pod. It is the only program here that is our own.
module evolution-todo/infra/kubernetes/cluster/programs/pause

go 1.26.0
