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
{{- if .Values.prometheus.auth.existingSecret }}
{{- if eq .Values.prometheus.auth.type "bearer" }}
- name: SERINUS_PROMETHEUS_TOKEN_FILE
  value: /etc/serinus/prometheus/auth/token
{{- else }}
- name: SERINUS_PROMETHEUS_USERNAME_FILE
  value: /etc/serinus/prometheus/auth/username
- name: SERINUS_PROMETHEUS_PASSWORD_FILE
  value: /etc/serinus/prometheus/auth/password
{{- end }}
{{- end }}
{{- if .Values.prometheus.ca.existingSecret }}
- name: SERINUS_PROMETHEUS_CA_FILE
  value: /etc/serinus/prometheus/ca/{{ .Values.prometheus.ca.key }}
{{- end }}
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
{{- if .Values.prometheus.auth.existingSecret }}
- name: prometheus-auth
  mountPath: /etc/serinus/prometheus/auth
  readOnly: true
{{- end }}
{{- if .Values.prometheus.ca.existingSecret }}
- name: prometheus-ca
  mountPath: /etc/serinus/prometheus/ca
  readOnly: true
{{- end }}
{{- end }}

{{- define "serinus.volumes" -}}
{{- with .Values.prometheus.auth.existingSecret }}
- name: prometheus-auth
  secret:
    secretName: {{ . }}
{{- end }}
{{- with .Values.prometheus.ca.existingSecret }}
- name: prometheus-ca
  secret:
    secretName: {{ . }}
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
