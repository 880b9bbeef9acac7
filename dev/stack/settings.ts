import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { findFreePort, isPortFree } from '../machine/free-port.js';
import { keep, keptOrMade, keptPort, readKept } from '../machine/kept-file.js';

/** What the stack's processes are told beside the addresses of one another. */
export interface StackSettings {
  host: string;
  port: number;
  workerHealthHost: string;
  workerHealthPort: number;
  metricsHost: string;
  /** One for each process that has metrics. */
  apiMetricsPort: number;
  workerMetricsPort: number;
  temporalMetricsPort: number;
  sandboxPort: number;
  apiKey: string;
  ltiaasApiKey: string;
  encryptionKeys: string;
}

/**
 * Settles ports and secrets: what the environment says, else what was used last time, else something new, which is
 * kept in the data folder for the next start. Without the encryption key of last time the stored service keys could
 * not be read; with another port, links would break.
 *
 * @throws Error when PORT is given and taken, or LTIAAS_URL is given without LTIAAS_API_KEY
 */
export async function settle(dataDir: string, env: NodeJS.ProcessEnv): Promise<StackSettings> {
  const secret = (name: string) => keptOrMade(path.join(dataDir, name), () => randomBytes(24).toString('base64url'));
  const host = env['HOST'] ?? '127.0.0.1';
  const workerHealthHost = env['WORKER_HEALTH_HOST'] ?? '127.0.0.1';
  const metricsHost = env['METRICS_HOST'] ?? '127.0.0.1';
  if (env['LTIAAS_URL'] !== undefined && env['LTIAAS_API_KEY'] === undefined) {
    throw new Error('LTIAAS_URL is set, so LTIAAS_API_KEY must be set too');
  }
  return {
    host,
    port: await apiPort(dataDir, env['PORT'], host),
    workerHealthHost,
    workerHealthPort:
      portNumber('WORKER_HEALTH_PORT', env['WORKER_HEALTH_PORT']) ??
      (await port(dataDir, 'worker-port', workerHealthHost)),
    metricsHost,
    // The worker cannot have the one that is asked for as well.
    apiMetricsPort:
      portNumber('METRICS_PORT', env['METRICS_PORT']) ?? (await port(dataDir, 'api-metrics-port', metricsHost)),
    workerMetricsPort: await port(dataDir, 'worker-metrics-port', metricsHost),
    temporalMetricsPort:
      portNumber('TEMPORAL_METRICS_PORT', env['TEMPORAL_METRICS_PORT']) ??
      (await port(dataDir, 'temporal-metrics-port', metricsHost)),
    sandboxPort: await port(dataDir, 'sandbox-port', '127.0.0.1'),
    apiKey: env['BOOTSTRAP_API_KEY'] ?? secret('api-key'),
    ltiaasApiKey: env['LTIAAS_API_KEY'] ?? secret('sandbox-key'),
    encryptionKeys:
      env['ENCRYPTION_KEYS'] ??
      keptOrMade(path.join(dataDir, 'encryption-keys'), () => `local:${randomBytes(32).toString('base64')}`),
  };
}

/**
 * What `settle` gave to the stack that runs on the folder, for another process under the same variables; undefined where
 * none has run.
 */
export function readSettled(dataDir: string, env: NodeJS.ProcessEnv): StackSettings | undefined {
  const secret = (variable: string, name: string) => env[variable] ?? readKept(path.join(dataDir, name));
  const portOf = (variable: string, name: string) =>
    portNumber(variable, env[variable]) ?? keptPort(path.join(dataDir, name));
  const settings = {
    host: env['HOST'] ?? '127.0.0.1',
    port: portOf('PORT', 'api-port'),
    workerHealthHost: env['WORKER_HEALTH_HOST'] ?? '127.0.0.1',
    workerHealthPort: portOf('WORKER_HEALTH_PORT', 'worker-port'),
    metricsHost: env['METRICS_HOST'] ?? '127.0.0.1',
    apiMetricsPort: portOf('METRICS_PORT', 'api-metrics-port'),
    workerMetricsPort: keptPort(path.join(dataDir, 'worker-metrics-port')),
    temporalMetricsPort: portOf('TEMPORAL_METRICS_PORT', 'temporal-metrics-port'),
    sandboxPort: keptPort(path.join(dataDir, 'sandbox-port')),
    apiKey: secret('BOOTSTRAP_API_KEY', 'api-key'),
    ltiaasApiKey: secret('LTIAAS_API_KEY', 'sandbox-key'),
    encryptionKeys: secret('ENCRYPTION_KEYS', 'encryption-keys'),
  };
  return isComplete(settings) ? settings : undefined;
}

type Incomplete<T> = { [K in keyof T]: T[K] | undefined };

function isComplete(settings: Incomplete<StackSettings>): settings is StackSettings {
  return Object.values(settings).every((value) => value !== undefined);
}

async function port(dataDir: string, name: string, host: string, preferred: number[] = []): Promise<number> {
  const file = path.join(dataDir, name);
  const found = await findFreePort([keptPort(file), ...preferred], host);
  keep(file, String(found));
  return found;
}

async function apiPort(dataDir: string, asked: string | undefined, host: string): Promise<number> {
  const number = portNumber('PORT', asked);
  if (number === undefined) {
    const steps = Array.from({ length: 20 }, (_, index) => 3000 + index);
    return await port(dataDir, 'api-port', host, steps);
  }
  if (await isPortFree(number, host)) {
    // The documents' commands read it there.
    keep(path.join(dataDir, 'api-port'), String(number));
    return number;
  }
  throw new Error(`PORT ${number} on ${host} is taken by another program. Choose another, or leave PORT unset`);
}

function portNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (Number.isInteger(number) && number > 0 && number < 65_536) return number;
  throw new Error(`${name} must be a port number, not ${text}`);
}
