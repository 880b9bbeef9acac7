{{/* Whole numbers of YAML come as floats, which would be written as 1e+07. */}}
{{- define "passback.text" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) -}}
{{- int64 . -}}
{{- else -}}
{{- . -}}
{{- end -}}
{{- end -}}

{{/*
The variables of one process that stand in `settings`, and those of its own. Takes (root, process: api or worker, own: settings).
With the controller, the connection to Temporal is the controller's to say.
*/}}
{{- define "passback.settings" -}}
{{- $known := .root.Files.Get "files/settings.yaml" | fromYaml -}}
{{- $own := .own | default dict -}}
{{- $all := mergeOverwrite (deepCopy (.root.Values.settings | default dict)) (deepCopy $own) -}}
{{- $ofController := and (eq .process "worker") .root.Values.worker.controller.enabled -}}
{{- range $name := keys $all | sortAlpha }}
{{- $value := get $all $name }}
{{- $isRead := or (has $name $known.both) (has $name (get $known $.process)) (regexMatch $known.ofOthers $name) }}
{{- $isGiven := and $ofController (regexMatch "^TEMPORAL_(ADDRESS|NAMESPACE|TLS.*)$" $name) }}
{{- if and $isRead (not $isGiven) (not (kindIs "invalid" $value)) (ne (toString $value) "") }}
- name: {{ $name }}
  value: {{ include "passback.text" $value | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The keys of the Secret that a process reads, as JSON. Takes (root, process). */}}
{{- define "passback.secretKeys" -}}
{{- $known := .root.Files.Get "files/settings.yaml" | fromYaml -}}
{{- $read := concat $known.secret.both (get $known.secret .process) -}}
{{- if and (eq .process "worker") .root.Values.worker.controller.enabled -}}
{{- $read = without $read "TEMPORAL_API_KEY" -}}
{{- end -}}
{{- $keys := list -}}
{{- range .root.Values.secretKeys -}}
{{- if has . $read -}}{{- $keys = append $keys . -}}{{- end -}}
{{- end -}}
{{- dict "list" $keys | toJson -}}
{{- end -}}

{{/* What both processes are told by other values than settings. Takes (root, process, own). */}}
{{- define "passback.env" -}}
- name: MIGRATE_ON_START
  value: 'false'
- name: METRICS_HOST
  value: {{ .root.Values.host | quote }}
- name: METRICS_PORT
  value: {{ .root.Values.metrics.port | quote }}
{{- range (include "passback.secretKeys" . | fromJson).list }}
- name: {{ . }}_FILE
  value: /run/secrets/passback/{{ . }}
{{- end }}
{{- with .root.Values.temporalCertificate }}
{{- if and .existingSecret (not (and (eq $.process "worker") $.root.Values.worker.controller.enabled)) }}
- name: TEMPORAL_TLS_CLIENT_CERT_PATH
  value: /run/secrets/temporal/tls.crt
- name: TEMPORAL_TLS_CLIENT_KEY_PATH
  value: /run/secrets/temporal/tls.key
{{- with .caKey }}
- name: TEMPORAL_TLS_SERVER_CA_CERT_PATH
  value: /run/secrets/temporal/{{ . }}
{{- end }}
{{- end }}
{{- end }}
{{- include "passback.settings" . }}
{{- end -}}
