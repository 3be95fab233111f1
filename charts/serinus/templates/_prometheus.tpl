{{- /* A Prometheus as settings.py reads it: JSON with paths of mounted files, never with what is in them. */}}
{{- define "serinus.prometheus.access" -}}
{{- $source := .source -}}
{{- $auth := default dict $source.auth -}}
{{- $type := default "bearer" $auth.type -}}
{{- $secret := default "" $auth.existingSecret -}}
{{- $login := printf "%s/auth" .folder -}}
{{- $access := dict -}}
{{- if .isOther -}}
{{- $_ := set $access "url" $source.url -}}
{{- range $key := list "timeout" "scrapeInterval" -}}
{{- with get $source $key -}}{{- $_ := set $access $key . -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- range $key := list "headers" "tenants" "namespaces" -}}
{{- with get $source $key -}}{{- $_ := set $access $key . -}}{{- end -}}
{{- end -}}
{{- with $source.tenantHeader -}}{{- if ne . "X-Scope-OrgID" -}}{{- $_ := set $access "tenantHeader" . -}}{{- end -}}{{- end -}}
{{- with $source.labels -}}
{{- if and .namespace (ne .namespace "namespace") -}}{{- $_ := set $access "namespaceLabel" .namespace -}}{{- end -}}
{{- if and .pod (ne .pod "pod") -}}{{- $_ := set $access "podLabel" .pod -}}{{- end -}}
{{- end -}}
{{- if eq $type "sigv4" -}}
{{- $sigv4 := dict "region" (required "prometheus.auth.sigv4.region says where the workspace is" (default dict $auth.sigv4).region) "service" (default "aps" $auth.sigv4.service) -}}
{{- if $secret -}}{{- $_ := set $sigv4 "keysFolder" $login -}}{{- end -}}
{{- $_ := set $access "sigv4" $sigv4 -}}
{{- else if eq $type "oauth2" -}}
{{- $_ := required "prometheus.auth.existingSecret has the clientId and clientSecret for oauth2" $secret -}}
{{- $given := default dict $auth.oauth2 -}}
{{- $oauth2 := dict "tokenUrl" (required "prometheus.auth.oauth2.tokenUrl says who gives out tokens" $given.tokenUrl) "clientIdFile" (printf "%s/clientId" $login) "clientSecretFile" (printf "%s/clientSecret" $login) -}}
{{- range $key := list "scopes" "parameters" -}}
{{- with get $given $key -}}{{- $_ := set $oauth2 $key . -}}{{- end -}}
{{- end -}}
{{- $_ := set $access "oauth2" $oauth2 -}}
{{- else if and $secret (eq $type "bearer") -}}
{{- $_ := set $access "tokenFile" (printf "%s/token" $login) -}}
{{- else if eq $type "basic" -}}
{{- $_ := required "prometheus.auth.existingSecret has the username and password for basic" $secret -}}
{{- $_ := set $access "usernameFile" (printf "%s/username" $login) -}}
{{- $_ := set $access "passwordFile" (printf "%s/password" $login) -}}
{{- end -}}
{{- with $auth.secretHeaders -}}
{{- $_ := required "prometheus.auth.existingSecret has the keys that secretHeaders name" $secret -}}
{{- $files := dict -}}
{{- range $header, $key := . -}}{{- $_ := set $files $header (printf "%s/%s" $login $key) -}}{{- end -}}
{{- $_ := set $access "headerFiles" $files -}}
{{- end -}}
{{- if and (eq $type "headers") (not $auth.secretHeaders) -}}
{{- fail "prometheus.auth.secretHeaders says which headers, for auth.type headers" -}}
{{- end -}}
{{- with $source.ca -}}
{{- if .existingSecret -}}{{- $_ := set $access "caFile" (printf "%s/ca/%s" $.folder (default "ca.crt" .key)) -}}{{- end -}}
{{- end -}}
{{- with $source.clientCertificate -}}
{{- if .existingSecret -}}
{{- $_ := set $access "certificateFile" (printf "%s/certificate/tls.crt" $.folder) -}}
{{- $_ := set $access "keyFile" (printf "%s/certificate/tls.key" $.folder) -}}
{{- end -}}
{{- end -}}
{{- toJson $access -}}
{{- end -}}

{{- define "serinus.prometheus.others" -}}
{{- $others := dict -}}
{{- range $name, $source := .Values.prometheus.others -}}
{{- $access := include "serinus.prometheus.access" (dict "source" $source "folder" (printf "/etc/serinus/prometheus/others/%s" $name) "isOther" true) -}}
{{- $_ := set $others $name (fromJson $access) -}}
{{- end -}}
{{- toJson $others -}}
{{- end -}}

{{- /* The Secrets of all of them: volume, folder, Secret. */}}
{{- define "serinus.prometheus.secrets" -}}
{{- $sources := dict "" .Values.prometheus -}}
{{- range $name, $source := .Values.prometheus.others -}}{{- $_ := set $sources $name $source -}}{{- end -}}
{{- range $name, $source := $sources -}}
{{- $prefix := ternary (printf "prometheus-%s" $name) "prometheus" (ne $name "") -}}
{{- $folder := ternary (printf "/etc/serinus/prometheus/others/%s" $name) "/etc/serinus/prometheus" (ne $name "") -}}
{{- range $field, $part := dict "auth" "auth" "ca" "ca" "clientCertificate" "certificate" -}}
{{- with (default dict (get $source $field)).existingSecret }}
- volume: {{ $prefix }}-{{ $part }}
  folder: {{ $folder }}/{{ $part }}
  secret: {{ . }}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
