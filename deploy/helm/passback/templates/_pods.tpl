{{/* `pod` with what a component changes of it, as JSON. Takes (root, own). */}}
{{- define "passback.pod" -}}
{{- mergeOverwrite (deepCopy .root.Values.pod) (deepCopy (.own | default dict)) | toJson -}}
{{- end -}}

{{/* Labels and annotations of a pod. Takes (root, component, pod). */}}
{{- define "passback.podMetadata" -}}
labels:
  {{- include "passback.labels" . | nindent 2 }}
  {{- with .pod.labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .pod.annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* What every pod has besides its containers and volumes. Takes (root, component, pod). */}}
{{- define "passback.podSpec" -}}
automountServiceAccountToken: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with .pod.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .pod.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .pod.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .pod.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Takes (root, component). */}}
{{- define "passback.topologySpread" -}}
topologySpreadConstraints:
{{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "passback.selector" $ | nindent 8 }}
{{- end }}
{{- end -}}

{{/* What every container has. Takes (root). */}}
{{- define "passback.container" -}}
image: {{ include "passback.image" .root | quote }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end -}}

{{/* Takes (root, process, pod). */}}
{{- define "passback.volumes" -}}
- name: tmp
  emptyDir:
    sizeLimit: 64Mi
- name: secrets
  secret:
    secretName: {{ .root.Values.existingSecret }}
    defaultMode: 0440
    items:
      {{- range (include "passback.secretKeys" . | fromJson).list }}
      - key: {{ . }}
        path: {{ . }}
      {{- end }}
{{- with .root.Values.temporalCertificate.existingSecret }}
- name: temporal-certificate
  secret:
    secretName: {{ . }}
    defaultMode: 0440
{{- end }}
{{- with .pod.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "passback.volumeMounts" -}}
- name: tmp
  mountPath: /tmp
- name: secrets
  mountPath: /run/secrets/passback
  readOnly: true
{{- if .root.Values.temporalCertificate.existingSecret }}
- name: temporal-certificate
  mountPath: /run/secrets/temporal
  readOnly: true
{{- end }}
{{- with .pod.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}
