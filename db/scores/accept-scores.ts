import type { Knex } from 'knex';
import type { ParsedScore } from '../../domain/parse-score.js';
import type { ScoreOrigin } from '../../domain/score-origin.js';
import { acceptScore, type HeldScore, type Priority, type ScoreValue } from '../../domain/score.js';
import { queryRows } from '../server/knex.js';
import type { ChangingEvent } from './transitions.js';

/** A score whose course and column are found. */
export interface ScoreToAccept extends Omit<ParsedScore, 'target'> {
  /** Our uuids. */
  context: string;
  lineItem: string;
  /** Kept with the revision that it makes. */
  origin: ScoreOrigin;
}

export interface AcceptedScore {
  id: string;
  /** The revision that we hold after this. */
  revision: number;
  outcome: 'accepted' | 'unchanged' | 'superseded' | 'wouldClear';
  /** Something of this score waits to be sent: its context wants a sync. */
  needsSync: boolean;
}

interface HeldRow extends HeldScore {
  id: string;
  lineItem: string;
  userId: string;
  awaitsNightly: boolean;
  priority: Priority;
}

type Indexed = ScoreToAccept & { index: number };

interface Change {
  id: string;
  event: ChangingEvent;
  value: ScoreValue;
  changedAt: Date;
  awaitsNightly: boolean;
  priority: number;
  forced: boolean;
  origin: ScoreOrigin;
}

/**
 * Stores scores and says what became of each, in their order. Several for one student and column are taken one after the
 * other. Repeating it is safe: the same value again is `unchanged`. The transaction is the caller's, who must be ready to
 * repeat it after a deadlock.
 * @throws {RangeError} when a figure is not finite: JSON would turn it into null, which asks to clear a grade.
 */
export async function acceptScoresWithin(
  trx: Knex.Transaction,
  scores: readonly ScoreToAccept[],
): Promise<AcceptedScore[]> {
  for (const { value } of scores) assertFinite(value);
  const outcomes: AcceptedScore[] = [];
  const columns = await lockColumns(trx, scores);
  const placed = scores.map((score) => ({ ...score, lineItem: columns.get(score.lineItem) ?? score.lineItem }));
  for (const round of toRounds(placed)) await acceptRound(trx, round, outcomes);
  return outcomes;
}

/**
 * Columns that turned out to be another since their uuid was learnt, and that other: a score on the old name would never
 * be sent. The lock makes a merge wait until these scores are committed, and then take them along.
 */
async function lockColumns(trx: Knex.Transaction, scores: readonly ScoreToAccept[]): Promise<Map<string, string>> {
  const next = new Map<string, string>();
  let names = [...new Set(scores.map(({ lineItem }) => lineItem))];
  while (names.length > 0) {
    const rows = await queryRows<{ id: string; mergedInto: string | null }>(
      trx,
      `select id, merged_into as "mergedInto" from line_items where id = any (?::uuid[]) order by id for key share`,
      [names],
    );
    names = [];
    for (const { id, mergedInto } of rows) {
      if (mergedInto === null) continue;
      next.set(id, mergedInto);
      names.push(mergedInto);
    }
  }
  const lastOf = (id: string): string => {
    const merged = next.get(id);
    return merged === undefined ? id : lastOf(merged);
  };
  return new Map([...next.keys()].map((id) => [id, lastOf(id)]));
}

function assertFinite({ scoreGiven, scoreMaximum }: ScoreValue): void {
  if (!Number.isFinite(scoreMaximum) || (scoreGiven !== null && !Number.isFinite(scoreGiven))) {
    throw new RangeError('A score must be a finite number.');
  }
}

/** Parts a list so that no (line item, user) stands twice in one part: a statement can change a row only once. */
function toRounds(scores: readonly ScoreToAccept[]): Indexed[][] {
  const rounds: Indexed[][] = [];
  const seen = new Map<string, number>();
  scores.forEach((score, index) => {
    const key = cellKey(score);
    const round = seen.get(key) ?? 0;
    seen.set(key, round + 1);
    (rounds[round] ??= []).push({ ...score, index });
  });
  return rounds;
}

function cellKey({ lineItem, userId }: { lineItem: string; userId: string }): string {
  return `${lineItem} ${userId}`;
}

async function acceptRound(trx: Knex.Transaction, round: readonly Indexed[], outcomes: AcceptedScore[]): Promise<void> {
  let rest: readonly Indexed[] = round;
  while (rest.length > 0) {
    const held = await lockHeldScores(trx, rest);
    const changes: Change[] = [];
    const fresh: Indexed[] = [];
    for (const score of rest) {
      const row = held.get(cellKey(score));
      if (row) outcomes[score.index] = decide(row, score, changes);
      else fresh.push(score);
    }
    if (changes.length > 0) await applyChanges(trx, changes);
    rest = await insertScores(trx, fresh, outcomes);
  }
}

const EVENTS = { due: 'accepted', submitted: 'alreadyThere', sending: 'renewed', unknown: 'renewed' } as const;

function decide(row: HeldRow, score: Indexed, changes: Change[]): AcceptedScore {
  const decision = acceptScore(row, score);
  const isHeldBack = row.state === 'due' && row.awaitsNightly;
  const waits = row.state === 'due' || row.state === 'sending' || row.state === 'unknown';
  if (decision.outcome === 'superseded' || decision.outcome === 'wouldClear') {
    return { id: row.id, revision: row.revision, outcome: decision.outcome, needsSync: false };
  }
  const grows = decision.outcome === 'accepted';
  // What is to go at once, or is on its way, is not put off by a value for the night.
  const goesAtOnce = grows ? row.state === 'due' && !isHeldBack : waits && !isHeldBack;
  const awaitsNightly = goesAtOnce ? false : score.awaitsNightly;
  const priority = waits ? Math.min(row.priority, score.priority) : score.priority;
  const state = decision.outcome === 'accepted' ? decision.state : row.state;
  const { value, changedAt, force: forced, origin } = score;
  const event = decision.outcome === 'accepted' ? EVENTS[decision.state] : 'repeated';
  changes.push({ id: row.id, event, value, changedAt, awaitsNightly, priority, forced, origin });
  const needsSync = (state === 'due' && !awaitsNightly) || state === 'sending' || state === 'unknown';
  return { id: row.id, revision: row.revision + (grows ? 1 : 0), outcome: decision.outcome, needsSync };
}

async function lockHeldScores(trx: Knex.Transaction, scores: readonly Indexed[]): Promise<Map<string, HeldRow>> {
  const rows = await queryRows<HeldRow>(trx, 'select * from lock_cells(?::uuid[], ?::text[])', [
    scores.map((score) => score.lineItem),
    scores.map((score) => score.userId),
  ]);
  return new Map(rows.map((row) => [cellKey(row), row]));
}

async function applyChanges(trx: Knex.Transaction, changes: readonly Change[]): Promise<void> {
  const [row] = await queryRows<{ changed: number }>(
    trx,
    'select change_accepted(?, ?) as changed',
    withOrigins(changes),
  );
  if (row?.changed !== changes.length) {
    throw new Error('A score that was locked met an event that it does not know.');
  }
}

/** Rows for a function, each with the place of its origin in the list beside them: most calls have one for all. */
function withOrigins(rows: readonly { origin: ScoreOrigin }[]): [rows: string, origins: string] {
  const places = new Map<ScoreOrigin, number>();
  const placed = rows.map((row) => {
    const place = places.get(row.origin) ?? places.size;
    places.set(row.origin, place);
    return { ...row, origin: place };
  });
  return [JSON.stringify(placed), JSON.stringify([...places.keys()])];
}

/** Inserts what is new and gives back what somebody else inserted in the meantime, to be judged again. */
async function insertScores(
  trx: Knex.Transaction,
  scores: readonly Indexed[],
  outcomes: AcceptedScore[],
): Promise<Indexed[]> {
  if (scores.length === 0) return [];
  const sorted = scores.toSorted((one, other) => (cellKey(one) < cellKey(other) ? -1 : 1));
  const rows = await queryRows<{ id: string; lineItem: string; userId: string; revision: number }>(
    trx,
    'select * from insert_scores(?, ?)',
    withOrigins(sorted),
  );
  const inserted = new Map(rows.map((row) => [cellKey(row), row]));
  return scores.filter((score) => {
    const row = inserted.get(cellKey(score));
    if (!row) return true;
    outcomes[score.index] = {
      id: row.id,
      revision: row.revision,
      outcome: 'accepted',
      needsSync: !score.awaitsNightly,
    };
    return false;
  });
}
