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

// check decodes each object strictly into its reader's own type, and puts it through the reader's own rules.
func check(objects []json.RawMessage) ([]fault, error) {
	faults := []fault{}
	for _, raw := range objects {
		found, err := checkObject(raw)
		if err != nil {
			return nil, err
		}
		faults = append(faults, found...)
	}
	return faults, nil
}

func checkObject(raw json.RawMessage) ([]fault, error) {
	var object unstructured.Unstructured
	if err := json.Unmarshal(raw, &object.Object); err != nil {
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
