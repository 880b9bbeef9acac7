import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { ConfigError, type Environment } from './config.js';

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
  try {
    const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars });
    return { connectionOptions, namespace: namespace ?? 'default' };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ConfigError([`Temporal's configuration: ${message}`]);
  }
}

function toBoolean(value: string): string {
  if (/^(true|1|yes|on)$/i.test(value.trim())) return 'true';
  if (/^(false|0|no|off)$/i.test(value.trim())) return 'false';
  throw new ConfigError(['TEMPORAL_TLS must be true or false']);
}
