{{- /* The settings; every variable here is read by operator/serinus/settings.py, and the other way round (tests/chart). */}}
{{- define "serinus.environment" -}}
- name: SERINUS_OWN_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
- name: SERINUS_INSTANCE
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: SERINUS_LEASE
  value: {{ include "serinus.fullname" . }}
- name: SERINUS_LEASE_DURATION
  value: {{ .Values.lease.duration | quote }}
{{- with .Values.watchNamespaces }}
- name: SERINUS_NAMESPACES
  value: {{ join "," . | quote }}
{{- end }}
- name: SERINUS_PROMETHEUS_URL
  value: {{ .Values.prometheus.url | quote }}
- name: SERINUS_PROMETHEUS_TIMEOUT
  value: {{ .Values.prometheus.timeout | quote }}
- name: SERINUS_SCRAPE_INTERVAL
  value: {{ .Values.prometheus.scrapeInterval | quote }}
- name: SERINUS_CALIBRATE
  value: {{ .Values.prometheus.calibrate | quote }}
{{- with .Values.defaultObjectives }}
- name: SERINUS_DEFAULT_OBJECTIVES
  {{- /* $(selector) is ours: the kubelet makes one dollar of two, and would look for a variable behind a single one. */}}
  value: {{ toJson . | replace "$(" "$$(" | quote }}
{{- end }}
{{- with .Values.defaultRollout }}
- name: SERINUS_DEFAULT_ROLLOUT
  value: {{ toJson . | quote }}
{{- end }}
{{- $access := include "serinus.prometheus.access" (dict "source" .Values.prometheus "folder" "/etc/serinus/prometheus" "isOther" false) }}
{{- if ne $access "{}" }}
- name: SERINUS_PROMETHEUS_ACCESS
  value: {{ $access | replace "$(" "$$(" | quote }}
{{- end }}
{{- if .Values.prometheus.others }}
- name: SERINUS_PROMETHEUS_OTHERS
  value: {{ include "serinus.prometheus.others" . | replace "$(" "$$(" | quote }}
{{- end }}
- name: SERINUS_INITIALIZER_IMAGE
  value: {{ .Values.models.initializerImage | quote }}
{{- with .Values.models.contentImage }}
- name: SERINUS_CONTENT_IMAGE
  value: {{ . | quote }}
{{- end }}
- name: SERINUS_REREAD_CLAIMS
  value: {{ .Values.models.rereadClaims }}
- name: SERINUS_WARMUP_IMAGE
  value: {{ .Values.models.warmupImage | quote }}
{{- if .Values.trackSecrets.enabled }}
- name: SERINUS_TRACK_SECRETS
  value: "true"
{{- end }}
- name: SERINUS_METRICS_PORT
  value: {{ .Values.metrics.port | quote }}
- name: SERINUS_PROBES_PORT
  value: {{ .Values.probes.port | quote }}
- name: SERINUS_LOG_FORMAT
  value: {{ .Values.log.format }}
- name: SERINUS_LOG_LEVEL
  value: {{ .Values.log.level }}
{{- end }}

{{- /* Mounted, not put into variables: a rotated token is read anew without a restart. */}}
{{- define "serinus.mounts" -}}
{{- range include "serinus.prometheus.secrets" . | fromYamlArray }}
- name: {{ .volume }}
  mountPath: {{ .folder }}
  readOnly: true
{{- end }}
{{- end }}

{{- define "serinus.volumes" -}}
{{- range include "serinus.prometheus.secrets" . | fromYamlArray }}
- name: {{ .volume }}
  secret:
    secretName: {{ .secret }}
{{- end }}
{{- end }}

{{- define "serinus.podAnnotations" -}}
{{- if and .Values.metrics.scrapeAnnotations (not (or .Values.metrics.podMonitor.enabled .Values.metrics.serviceMonitor.enabled)) }}
prometheus.io/scrape: "true"
prometheus.io/port: {{ .Values.metrics.port | quote }}
prometheus.io/path: /metrics
{{- end }}
{{- with .Values.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end }}
