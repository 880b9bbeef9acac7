/**
 * What each event of a score's life (domain/score-transitions.ts) sets, once: all statements that change `scores` are
 * composed here. In the expressions `s` is the score as it is, and `t` its row among those that the caller picked,
 * locked in the order of their ids, as everywhere.
 */
import { SENDING, SUBMITTED } from './carried-values.js';
import { SCORE_TRANSITIONS, type ScoreEvent, type Transition } from '../../domain/score-transitions.js';

const COLUMNS = [
  ...([
    'user_id',
    'line_item',
    'value',
    'revision',
    'changed_at',
    'state',
    'priority',
    'awaits_nightly',
    'forced',
  ] as const),
  ...(['overrides_human', 'due_at', 'not_before', 'tries'] as const),
  ...(['sending', 'sending_revision', 'sending_at', 'lane_token'] as const),
  ...(['submitted', 'submitted_revision', 'submitted_at', 'failure_type', 'failure_detail', 'superseded_by'] as const),
];
type Column = (typeof COLUMNS)[number];
type Changes = Readonly<Partial<Record<Column, string>>>;

/**
 * The least time between two calls for one student and column: Moodle compares times in whole seconds and refuses the
 * second of two (mod/lti/service/gradebookservices scores.php), and the relay's clock is not ours.
 */
const CELL_SPACING = `interval '2 seconds'`;
/** `rest_ms` in milliseconds. */
const RESTED = `now() + make_interval(secs => t.rest_ms / 1000.0)`;

const CLEAN: Changes = { tries: '0', failure_type: 'null', failure_detail: 'null' };

/** Old trouble is forgotten. What was due already keeps its place in the line, and waits for the night if it did. */
const DUE_AGAIN: Changes = {
  ...CLEAN,
  due_at: `case when s.state = 'due' then s.due_at else now() end`,
  not_before: `greatest(now(), s.submitted_at + ${CELL_SPACING})`,
  awaits_nightly: `s.state = 'due' and s.awaits_nightly`,
};

/** Rows: `changed_at`, `priority`, `awaits_nightly`. */
const REPEATED: Changes = {
  changed_at: 'greatest(s.changed_at, t.changed_at)',
  priority: 't.priority',
  awaits_nightly: 't.awaits_nightly',
};
/** Rows: `value` and `forced` too. */
const NEW_VALUE: Changes = {
  ...REPEATED,
  ...toValue('t.value'),
  revision: 's.revision + 1',
  forced: 's.forced or t.forced',
};

const CALL_OVER: Changes = { sending: 'null', sending_revision: 'null' };
/** What was forced or decided has been done, once. */
const ARRIVED: Changes = {
  ...CALL_OVER,
  ...CLEAN,
  // It carried the newest value.
  submitted: 'null',
  submitted_revision: 's.revision',
  submitted_at: 'now()',
  forced: 'false',
  overrides_human: 'false',
};
/** Rows: `failure_type`, `failure_detail`. */
const FAILED: Changes = { failure_type: 't.failure_type', failure_detail: 't.failure_detail' };
const REFUSED: Changes = { ...CALL_OVER, ...FAILED, tries: '0' };

/** Nothing is left that says who it was, or ties two of his scores to each other. */
const EMPTIED: Changes = {
  ...CALL_OVER,
  ...CLEAN,
  user_id: 'gen_random_uuid()::text',
  value: `'{"scoreGiven":null,"scoreMaximum":1,"activityProgress":"Initialized","gradingProgress":"NotReady"}'`,
  ...{ sending_at: 'null', submitted: 'null', submitted_revision: 'null', submitted_at: 'null' },
  ...{ superseded_by: 'null', awaits_nightly: 'false', forced: 'false', overrides_human: 'false' },
};

const AT_ITS_END = `t.back_to in ('rejected', 'held')`;

const CHANGES: Readonly<Record<Exclude<ScoreEvent, 'created' | 'vanished'>, Changes>> = {
  accepted: { ...DUE_AGAIN, ...NEW_VALUE },
  alreadyThere: { ...DUE_AGAIN, ...NEW_VALUE, submitted_revision: 's.revision + 1' },
  // The call that is under way, or unknown, keeps its rest.
  renewed: { ...CLEAN, ...NEW_VALUE, due_at: 'now()' },
  repeated: REPEATED,

  // Rows: `lane_token`.
  claimed: {
    ...{ sending: 'null', sending_revision: 's.revision', sending_at: 'now()', lane_token: 't.lane_token' },
  },
  delivered: ARRIVED,
  refused: REFUSED,
  held: REFUSED,
  // Rows: `rest_ms` too, as for the next one.
  rests: { ...CALL_OVER, ...FAILED, tries: 's.tries + 1', not_before: RESTED },
  unknown: { ...FAILED, tries: 's.tries + 1', not_before: RESTED },
  // Rows: `lane_expires_at`, `lane_calls_end_at`, `settle_ms`. No call begins after its lane. What is to be overtaken by a newer
  // value waits until every call is surely over; the same value once more does no harm.
  laneLost: {
    not_before: `greatest(clock_timestamp(), case when s.revision = s.sending_revision
      then least(t.lane_calls_end_at, t.lane_expires_at + make_interval(secs => t.settle_ms / 1000.0))
      else t.lane_calls_end_at end)`,
  },
  // It keeps the tries and the trouble that it had.
  returned: { ...CALL_OVER, not_before: 'now()' },
  // Rows: `has_arrived`. The newer value was forced or decided, if anything was: it is still to be done.
  outdated: {
    ...CALL_OVER,
    ...CLEAN,
    not_before: `now() + ${CELL_SPACING}`,
    submitted: `case when t.has_arrived then nullif(${SENDING}, s.value) else s.submitted end`,
    submitted_revision: 'case when t.has_arrived then s.sending_revision else s.submitted_revision end',
    submitted_at: 'case when t.has_arrived then now() else s.submitted_at end',
  },

  settled: ARRIVED,
  // Rows: `is_unread`: what the gradebook held before is then no longer known either. The tries go on.
  absent: {
    ...CALL_OVER,
    ...{ forced: 's.forced or t.is_unread', failure_type: 'null', failure_detail: 'null', not_before: 'now()' },
  },
  // Rows: `failure_type`.
  unstorable: { ...CALL_OVER, failure_type: 't.failure_type', failure_detail: 'null', tries: '0' },
  // Rows: `rest_ms`, `is_try`.
  postponed: { tries: 's.tries + t.is_try::integer', not_before: RESTED },

  // Somebody asked for it now.
  retried: { ...DUE_AGAIN, awaits_nightly: 'false' },
  letGo: DUE_AGAIN,
  reconsidered: DUE_AGAIN,
  // Forced, or a value that the gradebook once took from us would count as being there.
  decided: { ...DUE_AGAIN, forced: 'true', overrides_human: 'true' },
  // Rows: `failure_type`.
  declined: { failure_type: 't.failure_type', overrides_human: 'false' },
  // Rows: `priority`.
  resent: { ...DUE_AGAIN, forced: 'true', priority: 't.priority' },
  // It goes to another cell, which needs no spacing.
  forgotten: {
    ...DUE_AGAIN,
    ...CALL_OVER,
    ...{ not_before: 'now()', submitted: 'null', submitted_revision: 'null', submitted_at: 'null' },
  },

  // Rows: `failure_detail`. What was forced stays so: the gradebook may not show what we believe.
  calledOff: {
    ...{ failure_type: `'ScoreWithdrawn'`, failure_detail: 't.failure_detail', tries: '0' },
    ...{ awaits_nightly: 'false', overrides_human: 'false' },
  },

  called: { awaits_nightly: 'false' },
  woken: { not_before: 'now()' },
  // Rows: `line_item`.
  moved: { line_item: 't.line_item' },
  // Rows: `winner`.
  superseded: { ...CALL_OVER, superseded_by: 't.winner' },

  erased: EMPTIED,
  abandoned: EMPTIED,

  // Rows: `was`, a snapshot, and `back_to`. A new revision, so that what the backfill released is seen to be over.
  putBack: {
    ...{ state: 't.back_to', revision: 's.revision + 1', tries: '0', not_before: 'now()' },
    ...toValue(`t.was -> 'value'`),
    changed_at: `coalesce((t.was ->> 'changedAt')::timestamptz, s.changed_at)`,
    submitted_revision: `case when t.back_to = 'submitted' then s.revision + 1 else s.submitted_revision end`,
    failure_type: `case when ${AT_ITS_END} then t.was ->> 'failureType' end`,
    failure_detail: `case when ${AT_ITS_END} then t.was ->> 'failureDetail' end`,
    priority: `coalesce((t.was ->> 'priority')::smallint, s.priority)`,
    awaits_nightly: `coalesce((t.was ->> 'awaitsNightly')::boolean, false)`,
    forced: `coalesce((t.was ->> 'forced')::boolean, false)`,
    overrides_human: `coalesce((t.was ->> 'overridesHuman')::boolean, false)`,
  },
  withdrawn: {
    ...{ revision: 's.revision + 1', tries: '0', awaits_nightly: 'false', forced: 'false', overrides_human: 'false' },
    ...{ failure_type: `'BackfillWithdrawn'`, failure_detail: 'null' },
  },
};

/** Another value: what was carried by calls is kept where it differs. */
function toValue(value: string): Changes {
  return { value, sending: `nullif(${SENDING}, ${value})`, submitted: `nullif(${SUBMITTED}, ${value})` };
}

/** What a score (`s`) is, for {@link CHANGES.putBack}. */
export const SNAPSHOT = `jsonb_build_object('value', s.value, 'changedAt', s.changed_at, 'state', s.state,
  'revision', s.revision, 'priority', s.priority, 'awaitsNightly', s.awaits_nightly, 'forced', s.forced,
  'failureType', s.failure_type, 'failureDetail', s.failure_detail, 'overridesHuman', s.overrides_human,
  'tries', s.tries)`;

export type ChangingEvent = keyof typeof CHANGES;

/**
 * The statement that lets an event happen to the scores of `rows`, a part of the statement around it with their `id` and
 * what the event needs. Of several events `rows` says in its column `event` which one each score meets. Scores in a state
 * that the event does not know stay as they are; `returning` may follow.
 */
export function changeScores(events: ChangingEvent | readonly ChangingEvent[], rows: string): string {
  const all = typeof events === 'string' ? [events] : events;
  const changes = all.map((event): [ChangingEvent, Changes] => [event, { ...toState(event), ...CHANGES[event] }]);
  const columns = COLUMNS.filter((column) => changes.some(([, change]) => column in change));
  const assignments = columns.map((column) => `${column} = ${expressionOf(column, changes)}`);
  return `update scores s set ${assignments.join(', ')}, updated_at = now()
    from ${rows} t where s.id = t.id and ${isAllowed(all)}`;
}

/** The statement that removes those scores of `rows` that meet `vanished`. */
export const removeVanished = (rows: string): string =>
  `delete from scores s using ${rows} t where s.id = t.id and t.event = 'vanished' and ${isAllowed(['vanished'])}`;

function toState(event: ScoreEvent): Changes {
  const { to }: Transition = SCORE_TRANSITIONS[event];
  return typeof to === 'string' && to !== 'same' ? { state: literal(to) } : {};
}

/** A `case` tells the planner nothing: scores are found by their ids, however few of a state it believes there are. */
function isAllowed(events: readonly ScoreEvent[]): string {
  const ofEvent = (event: ScoreEvent): string => {
    const { from }: Transition = SCORE_TRANSITIONS[event];
    const isKnown = events.length > 1 ? `t.event = ${literal(event)} and ` : '';
    return `when ${isKnown}s.state in (${from.map(literal).join(', ')}) then true`;
  };
  return `case ${events.map(ofEvent).join(' ')} else false end`;
}

function expressionOf(column: Column, changes: readonly [ChangingEvent, Changes][]): string {
  const events = new Map<string, ChangingEvent[]>();
  for (const [event, change] of changes) {
    const expression = change[column] ?? `s.${column}`;
    events.set(expression, [...(events.get(expression) ?? []), event]);
  }
  const [[only = ''] = [], ...others] = events;
  if (others.length === 0) return only;
  const cases = [...events].map(
    ([expression, of]) => `when t.event in (${of.map(literal).join(', ')}) then ${expression}`,
  );
  return `case ${cases.join(' ')} end`;
}

const literal = (name: string): string => `'${name}'`;
