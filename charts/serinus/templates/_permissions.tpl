{{- /* All the operator may do where it watches, in one place; tests/chart compares it with what the operator does. */}}
{{- define "serinus.permissions" -}}
rules:
# The resource itself: its spec is never written, and kopf patches finalizers and annotations only.
- apiGroups: [serinus.dev]
  resources: [mlmodeldeployments]
  verbs: [get, list, watch, patch]
- apiGroups: [serinus.dev]
  resources: [mlmodeldeployments/status]
  verbs: [update]
# Objectives that models refer to, looked at only; those of the cluster where the operator watches all of it.
- apiGroups: [serinus.dev]
  resources: [objectivetemplates]
  verbs: [list, watch]
{{- if not .Values.watchNamespaces }}
- apiGroups: [serinus.dev]
  resources: [clusterobjectivetemplates]
  verbs: [list, watch]
{{- end }}
# What a model is made of, written by server-side apply: that is `patch`, and `create` where there was nothing.
- apiGroups: [apps]
  resources: [deployments, controllerrevisions]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [batch]
  resources: [cronjobs]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [""]
  resources: [services, configmaps]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [gateway.networking.k8s.io]
  resources: [httproutes]
  verbs: [get, list, watch, create, patch, delete]
# Readiness is looked at, never changed.
- apiGroups: [""]
  resources: [pods]
  verbs: [list, watch]
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [list, watch]
- apiGroups: [""]
  resources: [events]
  verbs: [create]
{{- if .Values.trackSecrets.enabled }}
# The Secrets whose content makes revisions, by name, each watched on its own.
- apiGroups: [""]
  resources: [secrets]
  resourceNames: {{ toJson .Values.trackSecrets.names }}
  verbs: [list, watch]
{{- end }}
{{- end }}
