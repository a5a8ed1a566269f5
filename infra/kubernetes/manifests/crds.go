package main

import (
	"context"
	"os"
	"path/filepath"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"
)

// resourceRules are what a custom resource definition says of one version of its kind, as the API server applies it.
type resourceRules struct {
	structural *structuralschema.Structural
	schema     validation.SchemaValidator
	cel        *cel.Validator
}

type definitions map[schema.GroupVersionKind]resourceRules

// readDefinitions reads every custom resource definition of a folder.
func readDefinitions(folder string) (definitions, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil {
		return nil, err
	}
	all := definitions{}
	for _, file := range files {
		if err := all.read(file); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (all definitions) read(file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var definition apiextensionsv1.CustomResourceDefinition
	if err := yaml.Unmarshal(data, &definition); err != nil || definition.Kind != "CustomResourceDefinition" {
		return err
	}
	for _, version := range definition.Spec.Versions {
		var properties apiextensions.JSONSchemaProps
		if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(version.Schema.OpenAPIV3Schema, &properties, nil); err != nil {
			return err
		}
		structural, err := structuralschema.NewStructural(&properties)
		if err != nil {
			return err
		}
		validator, _, err := validation.NewSchemaValidator(&properties)
		if err != nil {
			return err
		}
		kind := schema.GroupVersionKind{Group: definition.Spec.Group, Version: version.Name, Kind: definition.Spec.Names.Kind}
		all[kind] = resourceRules{structural, validator, cel.NewValidator(structural, true, celconfig.PerCallLimit)}
	}
	return nil
}

// faults are what the API server would refuse of an object, whose defaults are filled in; none where nobody defines its kind.
func (all definitions) faults(object *unstructured.Unstructured) []string {
	rules, defined := all[object.GroupVersionKind()]
	if !defined {
		return nil
	}
	defaulting.Default(object.Object, rules.structural)
	errors := validation.ValidateCustomResource(nil, object.Object, rules.schema)
	ruleErrors, _ := rules.cel.Validate(context.Background(), nil, rules.structural, object.Object, nil, celconfig.RuntimeCELCostBudget)
	var messages []string
	for _, err := range append(errors, ruleErrors...) {
		messages = append(messages, err.Error())
	}
	return messages
}
