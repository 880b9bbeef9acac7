import { lookup } from 'node:dns/promises';
import { DefaultLogger, Runtime, type LogLevel } from '@temporalio/worker';
import type { Logger } from 'pino';

const LEVELS: Readonly<Record<LogLevel, 'trace' | 'debug' | 'info' | 'warn' | 'error'>> = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
};
/** What of the SDK's facts goes into a log line: ids and counts. Inputs, which it may hang on, never do. */
const KEPT_FACTS = [
  'sdkComponent',
  'workflowId',
  'runId',
  'workflowType',
  'activityType',
  'attempt',
  'taskQueue',
  'durationMs',
  'error',
  'state',
];

/** As the dashboards of Temporal itself have them. */
const NAMES = { countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true } as const;

/**
 * Sends the SDK's own logs through ours, and serves its metrics where it is told to: it has a listener of its own, which
 * ends with the process. Once in a process, before any worker.
 */
export function installRuntime(logger: Logger, metricsAt?: string): void {
  const bridge = new DefaultLogger('INFO', ({ level, message, meta }) => {
    const facts = Object.entries(meta ?? {}).filter(([name]) => KEPT_FACTS.includes(name));
    logger[LEVELS[level]](Object.fromEntries(facts), message);
  });
  Runtime.install({
    logger: bridge,
    telemetryOptions: {
      logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} },
      ...(metricsAt !== undefined && { metrics: { prometheus: { bindAddress: metricsAt, ...NAMES } } }),
    },
  });
}

/** Where the SDK is to listen, as it reads it: an address, not a name. Undefined: nowhere. */
export async function findTemporalMetricsAddress({
  host,
  temporalPort,
}: {
  host: string;
  temporalPort: number | undefined;
}): Promise<string | undefined> {
  if (temporalPort === undefined) return undefined;
  const { address, family } = await lookup(host);
  return family === 6 ? `[${address}]:${temporalPort}` : `${address}:${temporalPort}`;
}
