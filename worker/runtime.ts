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

/** Sends the SDK's own logs through ours. Once in a process, before any worker. */
export function installRuntime(logger: Logger): void {
  const bridge = new DefaultLogger('INFO', ({ level, message, meta }) => {
    const facts = Object.entries(meta ?? {}).filter(([name]) => KEPT_FACTS.includes(name));
    logger[LEVELS[level]](Object.fromEntries(facts), message);
  });
  Runtime.install({
    logger: bridge,
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } },
  });
}
