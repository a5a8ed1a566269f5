package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
	"knative.dev/pkg/apis"
	"knative.dev/serving/pkg/apis/config"
	autoscaler "knative.dev/serving/pkg/autoscaler/config"
	utilyaml "sigs.k8s.io/yaml"
)

// knativeFaults asks Knative's webhook, in effect: what it would refuse, and what it would warn of.
func knativeFaults(object runtime.Object, settings *config.Config) []string {
	resource, ok := object.(interface {
		apis.Defaultable
		apis.Validatable
	})
	if !ok {
		return nil
	}
	ctx := apis.WithinCreate(config.ToContext(context.Background(), settings))
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

// knativeSettings reads the ConfigMaps in a file that Knative's webhook goes by; what none of them says, and everything
// where there is no file, is as Knative has it by itself.
func knativeSettings(file string) (*config.Config, error) {
	settings := config.FromContextOrDefaults(context.Background())
	if file == "" {
		return settings, nil
	}
	input, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer input.Close()
	reader := yaml.NewYAMLReader(bufio.NewReader(input))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return settings, nil
		}
		if err != nil {
			return nil, err
		}
		if err := apply(document, settings); err != nil {
			return nil, err
		}
	}
}

func apply(document []byte, settings *config.Config) error {
	var object corev1.ConfigMap
	err := utilyaml.Unmarshal(document, &object)
	if err != nil || object.Kind != "ConfigMap" {
		return err
	}
	switch object.Name {
	case autoscaler.ConfigName:
		settings.Autoscaler, err = autoscaler.NewConfigFromConfigMap(&object)
	case config.DefaultsConfigName:
		settings.Defaults, err = config.NewDefaultsConfigFromConfigMap(&object)
	case config.FeaturesConfigName:
		settings.Features, err = config.NewFeaturesConfigFromConfigMap(&object)
	}
	return err
}
