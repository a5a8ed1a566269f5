package main

import (
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"knative.dev/serving/pkg/apis/config"
)

// fault is what one check has against one object.
type fault struct {
	Check   string `json:"check"`
	Object  string `json:"object"`
	Message string `json:"message"`
}

// check decodes each object strictly into its reader's own type, and puts it through the reader's own rules. The custom
// resource definitions that the API server would ask are in a folder; what Knative is told there, in a file, if any.
func check(objects []json.RawMessage, folder string, settings string) ([]fault, error) {
	definitions, err := readDefinitions(folder)
	if err != nil {
		return nil, err
	}
	knative, err := knativeSettings(settings)
	if err != nil {
		return nil, err
	}
	faults := []fault{}
	for _, raw := range objects {
		found, err := checkObject(raw, definitions, knative)
		if err != nil {
			return nil, err
		}
		faults = append(faults, found...)
	}
	return faults, nil
}

func checkObject(raw json.RawMessage, definitions definitions, knative *config.Config) ([]fault, error) {
	var object unstructured.Unstructured
	// Its own decoder keeps whole numbers whole, as the API server does.
	if err := object.UnmarshalJSON(raw); err != nil {
		return nil, err
	}
	name := fmt.Sprintf("%s %s", object.GetKind(), object.GetName())
	if openKinds[object.GroupVersionKind().Group] {
		return nil, nil
	}
	typed, err := decodeStrictly(raw)
	if err != nil {
		return []fault{{"schema", name, err.Error()}}, nil
	}
	var faults []fault
	for _, message := range definitions.faults(&object) {
		faults = append(faults, fault{"definition", name, message})
	}
	for _, message := range knativeFaults(typed, knative) {
		faults = append(faults, fault{"knative", name, message})
	}
	for _, message := range podSecurityFaults(typed) {
		faults = append(faults, fault{"pod-security", name, message})
	}
	for _, message := range daprFaults(typed) {
		faults = append(faults, fault{"dapr-schema", name, message})
	}
	return faults, nil
}
