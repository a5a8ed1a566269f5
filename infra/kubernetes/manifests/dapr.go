package main

import (
	"bufio"
	"errors"
	"io"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
	utilyaml "sigs.k8s.io/yaml"
)

// daprFaults decodes the YAML files of a ConfigMap that daprd reads into Dapr's types.
func daprFaults(object runtime.Object) []string {
	config, ok := object.(*corev1.ConfigMap)
	if !ok {
		return nil
	}
	var faults []string
	for file, text := range config.Data {
		if !strings.HasSuffix(file, ".yaml") {
			continue
		}
		for _, err := range fileFaults(text) {
			faults = append(faults, file+": "+err.Error())
		}
	}
	return faults
}

func fileFaults(text string) []error {
	var faults []error
	reader := yaml.NewYAMLReader(bufio.NewReader(strings.NewReader(text)))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return faults
		}
		if err != nil {
			return append(faults, err)
		}
		// A file may begin with a comment and a separator.
		if json, err := utilyaml.YAMLToJSON(document); err == nil && string(json) == "null" {
			continue
		}
		if _, err := decodeStrictly(document); err != nil {
			faults = append(faults, err)
		}
	}
}
