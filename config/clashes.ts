import { accessSync, constants } from 'node:fs';
import type { KeyName, ProcessName } from './keys.js';

/** What a call may take beyond its timeout: to begin within its lane, and to be over before that ends. */
const MARGIN_MS = 2_000;
/** Statements of a batch are short, so a few batches share one connection without long waits. */
const BATCHES_PER_CONNECTION = 5;

/** The value of a setting; undefined when it is not set, `WRONG` when it is wrong by itself and told already. */
type Find = (name: KeyName) => unknown;
export const WRONG = Symbol('wrong');

/** Settings that are right by themselves and cannot be used together, or by this process here. */
export function clashesOf(find: Find, process: ProcessName): string[] {
  const number = (name: KeyName): number => {
    const value = find(name);
    return typeof value === 'number' ? value : Number.NaN;
  };
  // Not a number is neither above nor below anything.
  const callMs = number('LTIAAS_TIMEOUT') + MARGIN_MS;
  const poolMin = Math.ceil(number('MAX_CONCURRENT_BATCHES') / BATCHES_PER_CONNECTION);
  const bundle = find('WORKER_BUNDLE');
  const isSet = (name: KeyName): boolean => find(name) !== undefined;
  // prettier-ignore
  return [
    callMs > number('LANE_DURATION') && `LANE_DURATION must be ${MARGIN_MS} ms or more above LTIAAS_TIMEOUT: no call may outlast it`,
    callMs > number('WORKER_SHUTDOWN_GRACE') && `WORKER_SHUTDOWN_GRACE must be ${MARGIN_MS} ms or more above LTIAAS_TIMEOUT: calls under way must be able to end`,
    number('DATABASE_POOL_MAX') < poolMin && `DATABASE_POOL_MAX must be ${poolMin} or more for this MAX_CONCURRENT_BATCHES`,
    isSet('SCORE_SOURCE_URL') && !isSet('SCORE_SOURCE_SECRET') && 'SCORE_SOURCE_SECRET is not set: the endpoint of SCORE_SOURCE_URL must be able to check that it is us',
    isSet('SCORE_SOURCE_SECRET') && !isSet('SCORE_SOURCE_URL') && 'SCORE_SOURCE_URL is not set: SCORE_SOURCE_SECRET has nothing to sign without it',
    isSet('TEMPORAL_DEPLOYMENT_NAME') && !isSet('TEMPORAL_WORKER_BUILD_ID') && 'TEMPORAL_WORKER_BUILD_ID is not set: a version of TEMPORAL_DEPLOYMENT_NAME must say which one it is',
    isSet('TEMPORAL_WORKER_BUILD_ID') && !isSet('TEMPORAL_DEPLOYMENT_NAME') && 'TEMPORAL_DEPLOYMENT_NAME is not set: TEMPORAL_WORKER_BUILD_ID is the version of nothing without it',
    process === 'worker' && typeof bundle === 'string' && !isReadable(bundle) && 'WORKER_BUNDLE must be the path of a file that can be read',
  ].filter((clash) => clash !== false);
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
