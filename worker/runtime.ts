import { lookup } from 'node:dns/promises';
import { DefaultLogger, Runtime, type LogLevel } from '@temporalio/worker';
import type { Logger } from 'pino';
import { toFailureFacts } from './failure-facts.js';

const LEVELS: Readonly<Record<LogLevel, 'trace' | 'debug' | 'info' | 'warn' | 'error'>> = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
};
/** What of the SDK's facts goes into a log line: ids and codes. Inputs, which it may hang on, never do. */
const KEPT_FACTS = [
  'sdkComponent',
  'workflowId',
  'runId',
  'workflowType',
  'activityType',
  'attempt',
  'taskQueue',
  'durationMs',
  'retryState',
  'state',
];
/**
 * What it says of each start and stop, webpack's figures among it, is for whoever looks for a fault of the SDK; so is that the
 * queue of calls has no workflows, as it is meant to be. Of its activities our own lines tell (tell-activities.ts).
 */
const IN_DETAIL = /^No workflows registered|^Activity failed$/;

/** As the dashboards of Temporal itself have them. */
const NAMES = { countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true } as const;

/**
 * Sends the SDK's own logs through ours, and serves its metrics where it is told to: it has a listener of its own, which
 * ends with the process. Once in a process, before any worker.
 */
export function installRuntime(logger: Logger, metricsAt?: string): void {
  const bridge = new DefaultLogger('INFO', ({ level, message, meta }) => {
    const { error, ...facts } = meta ?? {};
    const kept = Object.entries(facts).filter(([name]) => KEPT_FACTS.includes(name));
    const isDetail = IN_DETAIL.test(message) || (level === 'INFO' && facts['sdkComponent'] === 'worker');
    const told = { ...Object.fromEntries(kept), ...(error !== undefined && toFailureFacts(error)) };
    logger[isDetail ? 'debug' : LEVELS[level]](told, message);
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
