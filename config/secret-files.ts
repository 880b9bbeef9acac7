import { readFileSync } from 'node:fs';
import { ConfigError, type Environment } from './config.js';
import { keys } from './keys.js';

/** Secrets that Temporal's or OpenTelemetry's own loader reads; of certificates and keys it reads files by itself. */
const OF_OTHERS: readonly string[] = [
  ...['TEMPORAL_API_KEY', 'TEMPORAL_CODEC_AUTH', 'OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS'],
];

/**
 * The environment with what `<NAME>_FILE` names read in, for every secret: the whole file, less one line break at its end.
 * Orchestrators hand secrets over as files, which no child process and no listing of processes shows.
 * @param only the secrets that this process needs; default: all
 * @throws {ConfigError} that names every problem, and quotes no file
 */
export function withSecretFiles(env: Environment, only?: readonly string[]): Environment {
  const problems: string[] = [];
  const read: Record<string, string | undefined> = { ...env };
  for (const [variable, path = ''] of Object.entries(env)) {
    const name = nameOf(variable);
    if (name === undefined || path.trim() === '' || only?.includes(name) === false) continue;
    delete read[variable];
    if (env[name]?.trim()) problems.push(`${name} and ${variable} must not be set both`);
    else if ((read[name] = readText(path.trim()))?.trim()) continue;
    else problems.push(`${variable} must be the path of a file that can be read and is not empty`);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return read;
}

/** The secret that a variable names a file for. */
function nameOf(variable: string): string | undefined {
  const name = /^(.+)_FILE$/.exec(variable)?.[1];
  if (name === undefined) return undefined;
  const key = Object.entries(keys).find(([known]) => known === name)?.[1];
  const isSecret = (key !== undefined && 'secret' in key) || OF_OTHERS.includes(name);
  return isSecret ? name : undefined;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch {
    return undefined;
  }
}
