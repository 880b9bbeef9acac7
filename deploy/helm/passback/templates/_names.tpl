{{- define "passback.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* Short enough for what is put behind it: names of Services have 63 letters. */}}
{{- define "passback.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "passback.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* What never changes in the life of a release. Takes (root, component). */}}
{{- define "passback.selector" -}}
app.kubernetes.io/name: {{ include "passback.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "passback.labels" -}}
{{ include "passback.selector" . }}
app.kubernetes.io/version: {{ include "passback.tag" .root | trunc 63 | trimAll "-_." | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/part-of: passback
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "passback.tag" -}}
{{- .Values.image.tag | default .Chart.AppVersion -}}
{{- end -}}

{{- define "passback.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (include "passback.tag" .) -}}
{{- end -}}
{{- end -}}

{{- define "passback.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "passback.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/*
The workers as JSON, {"list": [{component, role, values}]}: one, or two by their role, with what their own values change.
*/}}
{{- define "passback.workers" -}}
{{- $common := omit .Values.worker "workflows" "submit" "split" -}}
{{- $list := list -}}
{{- if .Values.worker.split -}}
{{- range $role := list "workflows" "submit" -}}
{{- $values := mergeOverwrite (deepCopy $common) (deepCopy (get $.Values.worker $role | default dict)) -}}
{{- $list = append $list (dict "component" (printf "worker-%s" $role) "role" $role "values" $values) -}}
{{- end -}}
{{- else -}}
{{- $list = append $list (dict "component" "worker" "role" "all" "values" $common) -}}
{{- end -}}
{{- dict "list" $list | toJson -}}
{{- end -}}
