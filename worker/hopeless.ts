import { isGrpcServiceError } from '@temporalio/client';
import { TransportError } from '@temporalio/worker';
import { ConfigError } from '../config/config.js';
import { findRefusal } from '../db/server/refusals.js';

/** Whoever sets up a cluster makes the namespace after the server listens. */
const NAMESPACE_PATIENCE_MS = 30_000;
/** gRPC status codes. */
const NOT_FOUND = 5;
const REFUSALS: readonly number[] = [7, 16];
/** As the native client words what goes wrong within TLS, and a server's statuses 7 and 16. */
const TLS = /InvalidData|InvalidCertificate|AlertReceived|Failed to configure TLS/;
const REFUSED = /valid authentication credentials|does not have permission/;

/** The error to end with where no time heals what failed; undefined where trying again may help. */
export function findHopeless(error: unknown, triedMs: number): ConfigError | undefined {
  const database = findRefusal(error);
  const problem = database === undefined ? findTemporalProblem(error, triedMs) : `DATABASE_URL ${database}`;
  return problem === undefined ? undefined : new ConfigError([problem]);
}

function findTemporalProblem(error: unknown, triedMs: number): string | undefined {
  if (error instanceof TransportError) {
    if (TLS.test(error.message))
      return `TEMPORAL_ADDRESS and TEMPORAL_TLS* must fit the server's TLS: ${error.message}`;
    return REFUSED.test(error.message) ? refused(error.message) : undefined;
  }
  if (!isGrpcServiceError(error)) return undefined;
  const code = Number(error.code);
  if (code === NOT_FOUND && triedMs >= NAMESPACE_PATIENCE_MS) {
    return `TEMPORAL_NAMESPACE must be a namespace that is there: ${error.details}`;
  }
  return REFUSALS.includes(code) ? refused(error.details) : undefined;
}

function refused(words: string): string {
  return `TEMPORAL_API_KEY or TEMPORAL_TLS_CLIENT_* must be what the server takes for TEMPORAL_NAMESPACE: ${words}`;
}
