import { Context } from '@temporalio/activity';
import { parseScore, type ParsedScore, type ScoreTarget } from '../../domain/parse-score.js';
import type { ScoreOrigin } from '../../domain/score-origin.js';
import { PRIORITY } from '../../domain/score.js';
import type { ProgressAnswer, ProgressRequest, ScoreSource } from '../../tool/score-source.js';
import type { ActivityDeps } from '../deps.js';
import { failUnknownContext } from '../guards/get-course.js';
import { withHeartbeat } from '../guards/with-heartbeat.js';

/** Pages that one course may have in one night, and how long a new one may be asked for: an attempt ends after more. */
const MOST_PAGES = 500;
const LONGEST_MS = 2 * 60_000;
/** Scores stored by one transaction. */
const CHUNK = 500;

export interface PullProgressInput {
  /** Our uuid of the context. */
  context: string;
  runId: string;
  /** Only what changed after this is asked for, in ISO 8601; null: everything. */
  since: string | null;
}

export interface PullProgressResult {
  pages: number;
  accepted: number;
  unchanged: number;
  superseded: number;
  /** Items that could not be taken: not as a score is, or of another course. */
  invalid: number;
  /** A failure type: why the last page was not reached. What came before it is stored. */
  failure: string | null;
  /** What the tool's clock showed with the first page, in ISO 8601, or null: what changes after it may not be told yet. */
  toolClock: string | null;
}

export type PullProgressDeps = Pick<ActivityDeps, 'clock' | 'scoreSource' | 'takeScores' | 'times'> & {
  scorePulls: Pick<ActivityDeps['scorePulls'], 'findPlace'>;
};

type Place = Required<Omit<ScoreTarget, 'lineItem'>>;

/**
 * Asks the tool for the progress of one course, page by page, and takes what it answers as if it had been handed in.
 * Each page is stored before the next is asked for, so what breaks off loses nothing. Safe to repeat: it begins anew, and
 * what is held already is `unchanged`.
 */
export function createPullProgress(deps: PullProgressDeps): (input: PullProgressInput) => Promise<PullProgressResult> {
  return async ({ context, runId, since }) => {
    const activityContext = Context.current();
    const tally: PullProgressResult = {
      ...{ pages: 0, accepted: 0, unchanged: 0, superseded: 0, invalid: 0, failure: null, toolClock: null },
    };
    const place = (await deps.scorePulls.findPlace(context)) ?? failUnknownContext();
    const { scoreSource } = deps;
    if (!scoreSource) return tally;
    const signal = activityContext.cancellationSignal;
    const origin: ScoreOrigin = { source: 'scoreSource', id: runId, requestId: null };
    const ask = (cursor: string | null): Promise<ProgressAnswer> =>
      askPatiently(scoreSource, deps.times.askAgainMs, { ...place, since, cursor, signal });
    await withHeartbeat(
      () => activityContext.heartbeat(),
      () => pull(deps, { place, tally, ask, signal, origin }),
    );
    return tally;
  };
}

interface Pull {
  place: Place;
  tally: PullProgressResult;
  ask: (cursor: string | null) => Promise<ProgressAnswer>;
  signal: AbortSignal;
  origin: ScoreOrigin;
}

async function pull(deps: PullProgressDeps, { place, tally, ask, signal, origin }: Pull): Promise<void> {
  const endMs = deps.clock.monotonicMs() + LONGEST_MS;
  const seen = new Set<string>();
  for (let cursor: string | null = null; ;) {
    const answer = await ask(cursor);
    signal.throwIfAborted();
    if ('failure' in answer) return fail(tally, answer.failure);
    if (tally.pages === 0) tally.toolClock = answer.toolClock;
    tally.pages += 1;
    await takePage(deps, { place, tally, origin }, answer.scores);
    cursor = answer.nextCursor;
    if (cursor === null) return;
    if (seen.has(cursor) || tally.pages >= MOST_PAGES) return fail(tally, 'ScoreSourceEndless');
    if (deps.clock.monotonicMs() > endMs) return fail(tally, 'ScoreSourceTooSlow');
    seen.add(cursor);
  }
}

function fail(tally: PullProgressResult, failure: string): void {
  tally.failure = failure;
}

async function askPatiently(
  source: ScoreSource,
  askAgainMs: readonly number[],
  request: ProgressRequest,
): Promise<ProgressAnswer> {
  for (const restMs of askAgainMs) {
    const answer = await source.ask(request);
    if (!('failure' in answer) || !answer.isPassing || request.signal.aborted) return answer;
    await Context.current().sleep(restMs);
  }
  return source.ask(request);
}

async function takePage(
  { clock, takeScores }: PullProgressDeps,
  { place, tally, origin }: Pick<Pull, 'place' | 'tally' | 'origin'>,
  items: readonly unknown[],
): Promise<void> {
  const now = new Date(clock.wallMs());
  const scores = items.flatMap((item) => toScore(item, place, now));
  tally.invalid += items.length - scores.length;
  for (let from = 0; from < scores.length; from += CHUNK) {
    for (const taken of await takeScores(scores.slice(from, from + CHUNK), { platforms: null, origin })) {
      tally['problem' in taken || taken.outcome === 'wouldClear' ? 'invalid' : taken.outcome] += 1;
    }
  }
}

/** An item names no course, or this one: a source that mixes courses up must not write into another's gradebook. */
function toScore(item: unknown, place: Place, now: Date): ParsedScore[] {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return [];
  for (const name of ['platformId', 'deploymentId', 'contextId'] as const) {
    const named: unknown = Reflect.get(item, name) ?? place[name];
    if (named !== place[name]) return [];
  }
  const parsed = parseScore({ ...item, ...place }, now);
  // It is the night that asks: what comes goes out with it, behind what students hand in meanwhile.
  return parsed.ok ? [{ ...parsed.score, priority: PRIORITY.nightly, awaitsNightly: false }] : [];
}
