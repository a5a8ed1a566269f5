package main

import (
	componentsapi "github.com/dapr/dapr/pkg/apis/components/v1alpha1"
	configurationapi "github.com/dapr/dapr/pkg/apis/configuration/v1alpha1"
	resiliencyapi "github.com/dapr/dapr/pkg/apis/resiliency/v1alpha1"
	subscriptionsapi "github.com/dapr/dapr/pkg/apis/subscriptions/v2alpha1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
	gatewayv1beta1 "sigs.k8s.io/gateway-api/apis/v1beta1"
)

// openKinds are the groups whose types no Go module has: rules/topicSchema.ts holds them to their documented fields.
var openKinds = map[string]bool{"kafka.strimzi.io": true, "cluster.redpanda.com": true}

// codecs know every other kind that is rendered, and refuse a field that its type does not have.
var codecs = serializer.NewCodecFactory(scheme(), serializer.EnableStrict)

func scheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		appsv1.AddToScheme,
		corev1.AddToScheme,
		networkingv1.AddToScheme,
		policyv1.AddToScheme,
		schedulingv1.AddToScheme,
		servingv1.AddToScheme,
		gatewayv1.Install,
		gatewayv1beta1.Install,
		componentsapi.AddToScheme,
		configurationapi.AddToScheme,
		resiliencyapi.AddToScheme,
		subscriptionsapi.AddToScheme,
	} {
		utilruntime.Must(add(scheme))
	}
	return scheme
}

func decodeStrictly(data []byte) (runtime.Object, error) {
	object, _, err := codecs.UniversalDeserializer().Decode(data, nil, nil)
	return object, err
}
