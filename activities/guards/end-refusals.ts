import { ApplicationFailure, Context, log } from '@temporalio/activity';
import { failureOf } from '../../domain/failure.js';
import type { ActivityDeps } from '../deps.js';

/** What is not refused for the sake of data, such as a table of a release that is still being rolled out, gets minutes. */
const PATIENT_ATTEMPTS = 10;
/** Cardinality, limits of rows and indexes, what triggers raise: of the data too, beside what `isRefusalOfData` knows. */
const OF_DATA = /^(?:21|54|P0)/;

const TYPE = 'RefusedByDatabase';

/** The data are the reason: no release mends that. */
export function isForGood({ isRefusalOfData }: Pick<ActivityDeps, 'isRefusalOfData'>, code: string): boolean {
  return isRefusalOfData(code) || OF_DATA.test(code);
}

/**
 * Ends an activity that PostgreSQL refuses for good as a failure that says so, instead of trying again for ever. Only the
 * code goes out: PostgreSQL's own words quote rows. `isSender`: it is tried again all the same, since a sender serves many
 * courses and must outlive what one row does.
 */
export function endRefusals<Input extends unknown[], T>(
  { refusalCode, isRefusalOfData }: Pick<ActivityDeps, 'refusalCode' | 'isRefusalOfData'>,
  activity: (...input: Input) => Promise<T>,
  { isSender = false } = {},
): (...input: Input) => Promise<T> {
  return async (...input) => {
    try {
      return await activity(...input);
    } catch (error) {
      const code = refusalCode(error);
      if (code === undefined) throw error;
      log.warn(`PostgreSQL refused what an activity was to store (${code}).`);
      const isOfData = isForGood({ isRefusalOfData }, code);
      const isFinal = !isSender && (isOfData || Context.current().info.attempt >= PATIENT_ATTEMPTS);
      const { sentence: message } = failureOf(TYPE);
      throw ApplicationFailure.create({ message, type: TYPE, nonRetryable: isFinal, details: [{ code }] });
    }
  };
}
