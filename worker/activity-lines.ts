/** What the log tells of an activity that ended well, by its kind; null: nothing happened that is worth a line. */
import type { Activities } from '../activities/index.js';
import type { BulkProgress } from '../domain/bulk-operation.js';
import type { Caused } from '../domain/cause.js';

export interface Line {
  /** What happened, in the same words each time. */
  readonly msg: string;
  readonly level?: 'info' | 'warn';
  /** Our uuids, counts, codes and times. */
  readonly facts: Readonly<Record<string, unknown>>;
}

type InputOf<Name extends keyof Activities> = Parameters<Activities[Name]>[0];
type ResultOf<Name extends keyof Activities> = Awaited<ReturnType<Activities[Name]>>;

/** Nothing: it is asked again and again, or another line tells of what it does. */
export const untold = (): null => null;

export function ofBatch({ counts, ...batch }: ResultOf<'submitBatch'>, input: InputOf<'submitBatch'>): Line | null {
  const { submitted, rejected, retrying, unknown, confirmed } = counts;
  if ([submitted, rejected, retrying, unknown, confirmed].every((count) => count === 0)) return null;
  const { failures, courses, outcome: next, reason: waitingFor, platform } = batch;
  const { breaker, inFlight } = platform ?? {};
  const facts = { gate: input.gate, ...counts, failures, courses, next, waitingFor, breaker, inFlight };
  return { msg: 'a batch ended', facts: { ...facts, ...toRequests(input) } };
}

export function ofColumns(result: ResultOf<'ensureLineItems'>, input: InputOf<'ensureLineItems'>): Line | null {
  const { listed, created, outcome, reason } = result;
  if (listed + created === 0) return null;
  const facts = { context: input.context, outcome, reason, listed, created };
  return { msg: 'columns were looked up', facts: { ...facts, ...toRequests(input) } };
}

export function ofRoster({ refused, ...result }: ResultOf<'refreshRoster'>, input: InputOf<'refreshRoster'>): Line {
  const msg = result.outcome === 'unavailable' ? 'a roster could not be read' : 'a roster was read';
  const facts = { context: input.context, ...result, refused: refused.length };
  return { msg, facts: { ...facts, ...toRequests(input) } };
}

export function ofGradebook(result: ResultOf<'reconcileGradebook'>, input: InputOf<'reconcileGradebook'>): Line {
  const msg = result.outcome === 'unavailable' ? 'a gradebook could not be read' : 'a gradebook was compared';
  return { msg, facts: { context: input.context, ...result, ...toRequests(input) } };
}

export function ofPull(
  result: ResultOf<'pullProgress'>,
  { context, runId: run }: InputOf<'pullProgress'>,
): Line | null {
  const { pages, accepted, unchanged, superseded, invalid, failure } = result;
  if (accepted + invalid === 0 && failure === null) return null;
  const facts = { context, run, pages, accepted, unchanged, superseded, invalid, failure };
  return { msg: 'the score source answered', level: failure === null ? 'info' : 'warn', facts };
}

export function ofBeginning({ asksSource, other }: ResultOf<'beginRun'>, input: InputOf<'beginRun'>): Line {
  const { kind, runId: run } = input;
  if (other !== null) return { msg: 'a run was skipped: another one is under way', facts: { kind, run, other } };
  return { msg: 'a run began', facts: { kind, run, asksSource } };
}

export function ofEnd({ runId: run, ...summary }: ResultOf<'closeRun'>, { kind }: InputOf<'closeRun'>): Line {
  const level = summary.state === 'completed' ? 'info' : 'warn';
  return { msg: 'a run ended', level, facts: { kind, run, ...summary } };
}

export function ofSyncs({ closed }: ResultOf<'closeSyncs'>): Line | null {
  return closed === 0 ? null : { msg: 'requested runs ended', facts: { closed } };
}

export function ofWaking({ woken, failed }: ResultOf<'wakeUntended'> | ResultOf<'seekColumns'>): Line | null {
  if (woken + failed === 0) return null;
  const level = failed === 0 ? 'info' : 'warn';
  return { msg: 'the sweep woke what nobody tended', level, facts: { woken, failed } };
}

export function ofUpkeep(kept: ResultOf<'keepUp'>): Line {
  return { msg: 'the tables of evidence were kept up', facts: { ...kept } };
}

export function ofRetention({ removed }: ResultOf<'enforceRetention'>): Line | null {
  if (Object.keys(removed).length === 0) return null;
  return { msg: 'what was older than it is kept was removed', facts: { ...removed } };
}

export function ofBackfill(progress: ResultOf<'previewBackfill'>, { backfill }: InputOf<'previewBackfill'>): Line {
  const level = progress.state === 'failed' ? 'warn' : 'info';
  return { msg: 'a backfill came to a step', level, facts: { backfill, ...progress } };
}

export function ofBulk(progress: BulkProgress, { operation }: InputOf<'advanceBulkOperation'>): Line {
  const level = progress.state === 'failed' ? 'warn' : 'info';
  return { msg: 'a bulk operation went on', level, facts: { bulkOperation: operation, ...progress } };
}

export function ofPerson(
  { isWaiting, ...progress }: ResultOf<'advancePersonRequest'>,
  { request }: InputOf<'advancePersonRequest'>,
): Line | null {
  if (isWaiting) return null;
  const level = progress.state === 'failed' ? 'warn' : 'info';
  return { msg: 'a request for a person went on', level, facts: { personRequest: request, ...progress } };
}

export function ofNotices(
  { delivered, failed }: ResultOf<'deliverNotices'>,
  { endpoint }: InputOf<'deliverNotices'>,
): Line | null {
  if (delivered + failed === 0) return null;
  const level = failed === 0 ? 'info' : 'warn';
  return { msg: 'notices were sent', level, facts: { noticeEndpoint: endpoint, delivered, failed } };
}

function toRequests({ causes = [] }: Caused): { requests?: string[] } {
  return causes.length > 0 ? { requests: causes.map(({ request }) => request) } : {};
}
