import { readFileSync } from 'node:fs';
import { loadClientConfigProfile, toClientOptions, type ClientConnectConfig } from '@temporalio/envconfig';
import { ConfigError, type Environment } from './config.js';
import { hostAndPort } from './parse-addresses.js';
import { ValueError } from './parse.js';
import { assertProfile } from './temporal-profile.js';

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
    const profile = loadClientConfigProfile({ overrideEnvVars, configFileStrict: true });
    assertProfile(profile, overrideEnvVars);
    const { connectionOptions, namespace } = toClientOptions(profile);
    assertAddress(connectionOptions.address, overrideEnvVars);
    return { connectionOptions, namespace: namespace ?? 'default' };
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError([problemOf(error)]);
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

const FILE = 'TEMPORAL_CONFIG_FILE, or temporal.toml,';

/** What the loader says of a file may quote it, and the key that may be in it: only what looks like a name is passed on. */
function problemOf(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  if (/^Profile '/.test(message)) return 'TEMPORAL_PROFILE must be a profile of the configuration file';
  const [line = ''] = message.split('\n', 1);
  if (line.startsWith('Invalid TOML')) return `${FILE} must be TOML: ${line}`;
  const [, place = '', names = ''] =
    /^Validation error: key\(s\) unrecognized(?: in ([^:]*))?: (.*)$/s.exec(message) ?? [];
  if (names !== '') {
    const where = place === '' ? 'at its top' : isName(place) ? `in ${place}` : 'in a profile';
    const known = names.split(', ').map((name) => (isName(name) ? `"${name}"` : 'a name that is not shown'));
    return `${FILE} must have names that Temporal knows, which ${known.join(', ')} ${where} is not`;
  }
  const both = /^Cannot specify both (\w+) and (\w+)$/.exec(message);
  if (both) return `Temporal's configuration must have tls.${both[1] ?? ''} or tls.${both[2] ?? ''}, and not both`;
  return `${FILE} must be a readable file with tables of profiles, such as [profile.default]`;
}

function isName(text: string): boolean {
  return /^[a-z_.-]{1,40}$/i.test(text);
}

function toBoolean(value: string): string {
  if (/^(true|1|yes|on)$/i.test(value.trim())) return 'true';
  if (/^(false|0|no|off)$/i.test(value.trim())) return 'false';
  throw new ConfigError(['TEMPORAL_TLS must be true or false']);
}
