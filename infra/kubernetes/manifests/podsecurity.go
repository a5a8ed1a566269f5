package main

import (
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"
)

// podSecurityFaults asks what a namespace that enforces "restricted" would refuse of the object's pods.
func podSecurityFaults(object runtime.Object) []string {
	meta, spec := podOf(object)
	if spec == nil {
		return nil
	}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		return []string{err.Error()}
	}
	restricted := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	result := policy.AggregateCheckResults(evaluator.EvaluatePod(restricted, meta, spec))
	if result.Allowed {
		return nil
	}
	return []string{strings.TrimSpace(result.ForbiddenDetail())}
}

func podOf(object runtime.Object) (*metav1.ObjectMeta, *corev1.PodSpec) {
	switch typed := object.(type) {
	case *appsv1.Deployment:
		return &typed.Spec.Template.ObjectMeta, &typed.Spec.Template.Spec
	case *servingv1.Service:
		template := &typed.Spec.ConfigurationSpec.Template
		return &template.ObjectMeta, &template.Spec.PodSpec
	}
	return nil, nil
}
