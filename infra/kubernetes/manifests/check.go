package main

import (
	"context"
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"knative.dev/pkg/apis"
)

// fault is what one check has against one object.
type fault struct {
	Check   string `json:"check"`
	Object  string `json:"object"`
	Message string `json:"message"`
}

// check decodes each object strictly into its reader's own type, and puts it through the reader's own rules. The custom
// resource definitions that the API server would ask are in a folder.
func check(objects []json.RawMessage, folder string) ([]fault, error) {
	definitions, err := readDefinitions(folder)
	if err != nil {
		return nil, err
	}
	faults := []fault{}
	for _, raw := range objects {
		found, err := checkObject(raw, definitions)
		if err != nil {
			return nil, err
		}
		faults = append(faults, found...)
	}
	return faults, nil
}

func checkObject(raw json.RawMessage, definitions definitions) ([]fault, error) {
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
	for _, message := range knativeFaults(typed) {
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

// knativeFaults asks Knative's webhook, in effect: what it would refuse, and what it would warn of.
func knativeFaults(object runtime.Object) []string {
	resource, ok := object.(interface {
		apis.Defaultable
		apis.Validatable
	})
	if !ok {
		return nil
	}
	ctx := apis.WithinCreate(context.Background())
	resource.SetDefaults(ctx)
	err := resource.Validate(ctx)
	if err == nil {
		return nil
	}
	var messages []string
	for _, each := range err.WrappedErrors() {
		messages = append(messages, each.Error())
	}
	return messages
}
