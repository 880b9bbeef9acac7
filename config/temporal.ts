import { readFileSync } from 'node:fs';
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { ConfigError, type Environment } from './config.js';
import { hostAndPort } from './parse-addresses.js';
import { ValueError } from './parse.js';

export interface TemporalConnection {
  /** For `Connection` of the client and `NativeConnection` of the worker alike. Holds the API key: never log it. */
  readonly connectionOptions: ClientConnectConfig['connectionOptions'];
  readonly namespace: string;
}

/**
 * Reads `TEMPORAL_*` and temporal.toml as every Temporal client does. Variables that are set to nothing, as compose
 * files write them, are left out: the loader would take an empty API key for a wish to use TLS, and an empty address for
 * an address. It also takes `TEMPORAL_TLS=True` for false, hence the spelling.
 * @throws {ConfigError}
 */
export function loadTemporalConnection(env: Environment): TemporalConnection {
  const overrideEnvVars: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || value.trim() === '') continue;
    // Read from files, values end in line breaks, which headers cannot hold: the error would quote the key.
    const text = name.startsWith('TEMPORAL_') ? value.trim() : value;
    overrideEnvVars[name] = name === 'TEMPORAL_TLS' ? toBoolean(text) : text;
  }
  assertConfigFile(overrideEnvVars['TEMPORAL_CONFIG_FILE']);
  try {
    const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars });
    assertAddress(connectionOptions.address, overrideEnvVars);
    return { connectionOptions, namespace: namespace ?? 'default' };
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError([problemOf(error, overrideEnvVars)]);
  }
}

/** The loader takes a file that is not there for one that says nothing, and would use another server than was meant. */
function assertConfigFile(path: string | undefined): void {
  if (path === undefined) return;
  try {
    if (readFileSync(path, 'utf8').trim() !== '') return;
  } catch {
    throw new ConfigError(['TEMPORAL_CONFIG_FILE must be the path of a file that can be read']);
  }
  throw new ConfigError(['TEMPORAL_CONFIG_FILE must be a file with profiles, such as [profile.default]: it is empty']);
}

/** Of a file: that of TEMPORAL_ADDRESS is looked at with our own settings. Without one the SDK would take localhost. */
function assertAddress(address: unknown, env: Readonly<Record<string, string>>): void {
  const isOfFile = env['TEMPORAL_CONFIG_FILE'] !== undefined || env['TEMPORAL_PROFILE'] !== undefined;
  if (env['TEMPORAL_ADDRESS'] !== undefined || (address === undefined && !isOfFile)) return;
  try {
    hostAndPort(typeof address === 'string' ? address : '');
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    throw new ConfigError([`The address of Temporal's configuration file, or TEMPORAL_ADDRESS, ${error.message}`]);
  }
}

/** By the variable that would mend it. A message about the text of a file quotes it, and the API key that may be in it. */
function problemOf(error: unknown, env: Readonly<Record<string, string>>): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/^Profile '/.test(message)) return 'TEMPORAL_PROFILE must be a profile of the configuration file';
  const unread = /^E[A-Z]+: .*'(.+)'$/s.exec(message)?.[1];
  const name = Object.keys(env).find((candidate) => candidate.startsWith('TEMPORAL_TLS_') && env[candidate] === unread);
  if (name !== undefined) return `${name} must be the path of a file that can be read`;
  const [line = ''] = message.split('\n', 1);
  if (line.startsWith('Invalid TOML')) return `TEMPORAL_CONFIG_FILE, or temporal.toml, must be TOML: ${line}`;
  return `Temporal's configuration: ${line}`;
}

function toBoolean(value: string): string {
  if (/^(true|1|yes|on)$/i.test(value.trim())) return 'true';
  if (/^(false|0|no|off)$/i.test(value.trim())) return 'false';
  throw new ConfigError(['TEMPORAL_TLS must be true or false']);
}
