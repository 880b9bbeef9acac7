#!/bin/sh
# Makes Passback's search attributes in a namespace, where workers may not do so themselves. Safe to repeat.
#
# On a server of your own, with the temporal CLI: TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE, and whatever else it needs.
# On Temporal Cloud (a namespace like grades.a1b2c), with tcld, which must be signed in: TEMPORAL_NAMESPACE alone.
set -eu

namespace=${TEMPORAL_NAMESPACE:?name the namespace}

attributes='PassbackPlatform=Keyword PassbackContext=Keyword PassbackTrigger=Keyword PassbackState=Keyword
  PassbackRun=Keyword PassbackBackfill=Keyword PassbackRejected=Int'

set --
if [ -n "${TEMPORAL_ADDRESS:-}" ] && [ "${TEMPORAL_ADDRESS%.tmprl.cloud:*}" = "$TEMPORAL_ADDRESS" ]; then
  for attribute in $attributes; do
    set -- "$@" --name "${attribute%=*}" --type "${attribute#*=}"
  done
  temporal operator search-attribute create --namespace "$namespace" "$@"
else
  # Those that are there already are refused, so each is asked for by itself.
  there=$(tcld namespace get --namespace "$namespace")
  for attribute in $attributes; do
    case $there in
      *"\"${attribute%=*}\""*) ;;
      *) set -- "$@" --search-attribute "$attribute" ;;
    esac
  done
  if [ $# -gt 0 ]; then tcld namespace search-attributes add --namespace "$namespace" "$@"; fi
fi
echo "the namespace $namespace has the search attributes"
