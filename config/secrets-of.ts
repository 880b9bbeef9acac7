import type { Environment } from './config.js';
import { keys } from './keys.js';

/** Shorter texts are no secrets, and would black out half of the words of a log. */
const SHORTEST = 6;
/** Read by OpenTelemetry itself: `api-key=…`, comma between several. */
const OTEL_SECRET = /^OTEL_EXPORTER_OTLP_(TRACES_)?HEADERS$/;
const TEMPORAL_SECRET = /^TEMPORAL_(API_KEY|CODEC_AUTH|TLS_CLIENT_KEY_DATA|GRPC_META_.+)$/;

/**
 * Every text that no log line may hold: the secret values of the environment, and their parts that would do as well,
 * such as the password within a database's address.
 */
export function secretsOf(env: Environment): string[] {
  const names = Object.entries(keys).flatMap(([name, key]) => ('secret' in key && key.secret ? [name] : []));
  const found = new Set<string>();
  for (const [name, value] of Object.entries(env)) {
    if (!names.includes(name) && !TEMPORAL_SECRET.test(name) && !OTEL_SECRET.test(name)) continue;
    const text = value?.trim() ?? '';
    const parts = OTEL_SECRET.test(name)
      ? text.split(',').map((header) => header.replace(/^[^=]*=/, ''))
      : partsOf(text);
    for (const part of parts) if (part.length >= SHORTEST) found.add(part);
  }
  // The longest first: a part that goes first would leave the rest of the whole.
  return [...found].toSorted((one, other) => other.length - one.length);
}

function partsOf(value: string): string[] {
  const url = /^postgres(ql)?:/.test(value) && URL.canParse(value) ? new URL(value) : undefined;
  // A password that is the user's name, as in trials, is no secret; without it our own name would be redacted.
  if (url) return url.password === url.username ? [value] : [value, url.password, decoded(url.password)];
  const parts = value
    .split(',')
    .flatMap((entry) => [entry.trim(), entry.trim().replace(/^([\w.-]{1,64}:|whsec_)/, '')]);
  return [value, ...parts, value.replace(/^Bearer\s+/i, '')];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
