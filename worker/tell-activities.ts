import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure, TemporalFailure } from '@temporalio/common';
import type { Activities } from '../activities/index.js';
import type { Logger } from '../config/logger.js';
import { cleanType, placeOf, readClues, sentenceOf, type FailureClues } from '../domain/failure-sentences.js';
import { toFailureFacts } from './failure-facts.js';
import * as lines from './activity-lines.js';
import { isLastAttempt } from './last-attempt.js';

/** Backfills of which the last step is remembered. */
const MOST_REMEMBERED = 1_000;

/** The activities, and a line in the log for each thing that they do, or that ends an attempt of theirs. */
export function tellActivities(activities: Activities, logger: Logger): Activities {
  const told = createTold(logger);
  const { untold } = lines;
  const ofBackfill = onlyNews(lines.ofBackfill);
  return {
    submitBatch: told(activities.submitBatch, lines.ofBatch),
    ensureLineItems: told(activities.ensureLineItems, lines.ofColumns),
    refreshRoster: told(activities.refreshRoster, lines.ofRoster),
    reconcileGradebook: told(activities.reconcileGradebook, lines.ofGradebook),
    pullProgress: told(activities.pullProgress, lines.ofPull),
    beginRun: told(activities.beginRun, lines.ofBeginning),
    listPullable: told(activities.listPullable, untold),
    notePulled: told(activities.notePulled, untold),
    askNext: told(activities.askNext, untold),
    countRunContext: told(activities.countRunContext, untold),
    closeRun: told(activities.closeRun, lines.ofEnd),
    closeSyncs: told(activities.closeSyncs, lines.ofSyncs),
    wakeUntended: told(activities.wakeUntended, lines.ofWaking),
    seekColumns: told(activities.seekColumns, lines.ofWaking),
    keepUp: told(activities.keepUp, lines.ofUpkeep),
    enforceRetention: told(activities.enforceRetention, lines.ofRetention),
    previewBackfill: told(activities.previewBackfill, ofBackfill),
    releaseBackfill: told(activities.releaseBackfill, ofBackfill),
    deliverNotices: told(activities.deliverNotices, lines.ofNotices),
    advanceBulkOperation: told(activities.advanceBulkOperation, lines.ofBulk),
    advancePersonRequest: told(activities.advancePersonRequest, lines.ofPerson),
  };
}

/** Who and what is at work: a line of an activity is found by each of these. */
export function workAtHand(): Record<string, unknown> {
  const { activityType, attempt, workflowExecution } = Context.current().info;
  return { ...workflowExecution, activityType, attempt };
}

function createTold(logger: Logger) {
  return <Input extends unknown[], T>(
      activity: (...input: Input) => Promise<T>,
      toLine: (result: T, ...input: Input) => lines.Line | null,
    ): typeof activity =>
    async (...input) => {
      const startedAt = performance.now();
      const facts = (): Record<string, unknown> => ({
        ...workAtHand(),
        durationMs: Math.round(performance.now() - startedAt),
      });
      try {
        const result = await activity(...input);
        const line = toLine(result, ...input);
        if (line) logger[line.level ?? 'info']({ ...facts(), ...line.facts }, line.msg);
        return result;
      } catch (error) {
        throw tellFailure(logger, error, facts());
      }
    };
}

/** Gives what Temporal is to hear of: of what nobody foresaw its kind, its code, and under which id the log has it. */
function tellFailure(logger: Logger, error: unknown, facts: Record<string, unknown>): unknown {
  const { info, cancellationSignal } = Context.current();
  const isUnforeseen = !(error instanceof TemporalFailure) && !cancellationSignal.aborted;
  const id = isUnforeseen ? { failureId: randomUUID() } : {};
  const told = { ...facts, ...toFailureFacts(error), ...id };
  const isExpected = error instanceof ApplicationFailure && error.category === 'BENIGN';
  // Cut off by us: the work goes on elsewhere, or somebody has cancelled it.
  const isCutOff = cancellationSignal.aborted || error instanceof CancelledFailure;
  if (isLastAttempt(info, error, Date.now())) logger.error(told, 'an activity failed for good');
  else if (isExpected || isCutOff) logger.debug(told, 'an activity is put off');
  else logger.warn(told, 'an activity failed and is tried again');
  return isUnforeseen ? toUnforeseen(error, id) : error;
}

function toUnforeseen(error: unknown, id: FailureClues): ApplicationFailure {
  const type = cleanType(error instanceof Error ? error.name : typeof error);
  const details = [{ ...readClues(error), ...id }];
  const failure = ApplicationFailure.create({ message: sentenceOf(type), type, details });
  failure.stack = `${failure.message}\n${error instanceof Error ? (placeOf(error) ?? '') : ''}`;
  return failure;
}

/** A backfill is looked at again and again: only what has changed since this process told of it is worth a line. */
function onlyNews<Input extends { backfill: string }, T>(
  toLine: (result: T, input: Input) => lines.Line,
): (result: T, input: Input) => lines.Line | null {
  const known = new Map<string, string>();
  return (result, input) => {
    const line = toLine(result, input);
    const text = JSON.stringify(line.facts);
    if (known.get(input.backfill) === text) return null;
    if (known.size >= MOST_REMEMBERED) known.clear();
    known.set(input.backfill, text);
    return line;
  };
}
