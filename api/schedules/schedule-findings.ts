import { isTimeZone, nextInstants, parseCron } from '../../domain/schedule-spec.js';
import { sayRunEnded, sayRunNotEnded } from '../../domain/finding-words.js';
import type { PassKind } from '../../domain/run.js';
import type { Finding } from '../operations/finding.js';
import type { LastPass } from '../../db/runs/runs.js';
import type { ToldSchedule } from './notes.js';

/** A pass that has not begun so long after its time, jitter included, is missed, in milliseconds. */
const BEGIN_GRACE_MS = 3_600_000;
/** A pass ends by itself at its limit; after this it does not live any more. */
const END_GRACE_MS = 900_000;

export interface Watched {
  name: string;
  /** Null: it makes no runs. */
  kind: PassKind | null;
  what: string;
  /** Of its not coming or not ending. */
  severity: 'warning' | 'critical';
  /** Of its being paused; null where that is usual. */
  paused: 'warning' | 'info' | null;
}

export const WATCHED: readonly Watched[] = [
  { name: 'sweep', kind: null, what: 'The sweep', severity: 'critical', paused: 'warning' },
  { name: 'nightly-sync', kind: 'nightly', what: 'The nightly run', severity: 'critical', paused: 'warning' },
  { name: 'roster-refresh', kind: 'rosters', what: 'The reading of rosters', severity: 'warning', paused: 'info' },
  { name: 'reconcile', kind: 'reconcile', what: 'The reconciliation', severity: 'warning', paused: null },
  { name: 'upkeep', kind: null, what: 'The upkeep of the database', severity: 'warning', paused: 'warning' },
];

/** What begins by the clock and did not come, did not end, or did not end well. Nothing of schedules while Temporal cannot be asked. */
export function ofSchedules(
  { schedules, passes }: { schedules: readonly ToldSchedule[]; passes: readonly LastPass[] },
  now: Date,
): Finding[] {
  return WATCHED.flatMap((watched) => {
    const record = schedules.find(({ name }) => name === watched.name);
    const last = passes.find(({ kind }) => kind === watched.kind);
    return [
      ...ofSchedule(watched, { record, last, hasOthers: schedules.length > 0 }, now),
      ...ofLast(watched, last, now),
    ];
  });
}

function ofSchedule(
  { name, what, severity, paused }: Watched,
  { record, last, hasOthers }: { record: ToldSchedule | undefined; last: LastPass | undefined; hasOthers: boolean },
  now: Date,
): Finding[] {
  const rest = { count: 1, subject: name, see: `/v1/schedules/${name}` };
  if (!record) {
    if (!hasOthers) return [];
    const sentence = `The schedule ${name} is gone from Temporal, so nothing begins by it.`;
    const advice = 'Restart a worker: it makes the schedule again.';
    return [{ type: 'scheduleMissing', severity, sentence, advice, ...rest, since: null, call: null }];
  }
  if (record.paused) {
    if (paused === null) return [];
    const since = record.paused.since === null ? null : new Date(record.paused.since);
    const why = record.note === null ? `. ${record.paused.reason}` : `: ${record.note}.`;
    const sentence = `${what} is paused${why}`;
    const advice = `POST /v1/schedules/${name}/unpause when the reason is gone.`;
    const call = { method: 'POST', path: `/v1/schedules/${name}/unpause`, body: {} } as const;
    return [{ type: 'schedulePaused', severity: paused, sentence, advice, ...rest, since, call }];
  }
  const expected = last && nextAfter(record, last);
  if (!expected || expected.getTime() + record.jitterSeconds * 1_000 + BEGIN_GRACE_MS > now.getTime()) return [];
  const sentence = `${what} should have begun at ${expected.toISOString()}, and did not.`;
  const advice = `Look at the workers and at the schedule in the Temporal UI; then POST /v1/schedules/${name}/trigger.`;
  return [{ type: 'runLate', severity, sentence, advice, ...rest, since: expected, call: triggerOf(name) }];
}

/** The first time that comes after the last run, and after whatever changed the schedule or let it go. */
function nextAfter(
  { cron, everySeconds, timeZone, createdAt, changedAt }: ToldSchedule,
  last: LastPass,
): Date | undefined {
  const after = [createdAt, changedAt, last.startedAt, last.scheduleTouchedAt].map((at) => at?.getTime() ?? 0);
  const from = new Date(Math.max(...after));
  if (cron !== null && parseCron(cron).ok && isTimeZone(timeZone)) return nextInstants({ cron, timeZone }, from, 1)[0];
  return everySeconds === null ? undefined : new Date(from.getTime() + everySeconds * 1_000);
}

function ofLast({ name, what, severity }: Watched, last: LastPass | undefined, now: Date): Finding[] {
  if (!last?.startedAt || !last.endsBy || !last.state) return [];
  const { state, startedAt, endsBy } = last;
  const begun = { what, startedAt: startedAt.toISOString() };
  const rest = { count: 1, subject: name, since: startedAt, see: '/v1/runs', call: triggerOf(name) };
  if (state === 'running' && endsBy.getTime() + END_GRACE_MS < now.getTime()) {
    const words = sayRunNotEnded({ ...begun, endsBy: endsBy.toISOString() });
    return [{ type: 'runNotEnded', severity, ...words, ...rest }];
  }
  if (state !== 'failed' && state !== 'incomplete') return [];
  const words = sayRunEnded({ ...begun, state, trouble: last.trouble?.join(', ') ?? '' });
  const isFailed = state === 'failed';
  return [
    { type: isFailed ? 'runFailed' : 'runIncomplete', severity: isFailed ? severity : 'warning', ...words, ...rest },
  ];
}

function triggerOf(name: string): Finding['call'] {
  return { method: 'POST', path: `/v1/schedules/${name}/trigger`, body: {} };
}
