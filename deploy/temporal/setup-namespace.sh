#!/bin/sh
# Creates the namespace unless it is there, once the server is healthy. Safe to repeat. Search attributes are not its
# business: the worker registers its own at start.
#
# Needs: TEMPORAL_ADDRESS; TEMPORAL_NAMESPACE, default "default"; RETENTION, default 30d, for a new namespace only;
# ATTEMPTS, default 60, one every PAUSE_SECONDS, default 2.
set -eu

: "${TEMPORAL_ADDRESS:?}"
namespace=${TEMPORAL_NAMESPACE:-default}

# Runs a command until it succeeds.
persistently() {
  attempt=1
  until "$@"; do
    if [ "$attempt" -ge "${ATTEMPTS:-60}" ]; then
      echo "gave up after $attempt attempts: $*" >&2
      exit 1
    fi
    attempt=$((attempt + 1))
    sleep "${PAUSE_SECONDS:-2}"
  done
}

# A server that has just started may still refuse: its own namespaces are spread through a cache.
ensure_namespace() {
  temporal operator namespace describe --namespace "$namespace" >/dev/null 2>&1 ||
    temporal operator namespace create --namespace "$namespace" --retention "${RETENTION:-30d}"
}

persistently temporal operator cluster health
persistently ensure_namespace
echo "the namespace $namespace is there"
