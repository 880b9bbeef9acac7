/**
 * Whether a score is ready, and if not, why and until when: said here once, and read by the claim, the sweep, the night,
 * health and whoever asks. As SQL over the aliases `s` (the score), `l` (its column), `c` (its course) and `f` (the
 * limits of its gate, where there are any).
 */
import { ROSTER_HOLDS } from '../../domain/membership.js';
import type { WaitReason } from '../../domain/wait.js';
import { hasKeyFor, isParked, isSetAside } from '../courses/parking.js';
import { isPaused, isPausedBy, ofPause, PAUSE_REASONS, type Pausable } from '../platforms/pausing.js';
import { instantText } from '../server/instant-text.js';

interface Obstacle {
  reason: WaitReason;
  /** Never null, so that its opposite can be asked for. */
  when: string;
  /** When people are told of it, where that is for longer: a probe may fail, and is no end of the waiting. */
  told?: string;
  type?: string;
  note?: string;
  since?: string;
  until?: string;
}

/** A moment that has passed says nothing any more. */
const ahead = (moment: string): string => `case when ${moment} > now() then ${moment} end`;

const parking = (alias: string): Pick<Obstacle, 'type' | 'since' | 'until'> => ({
  ...{ type: `${alias}.parked_type`, since: `${alias}.parked_at`, until: ahead(`${alias}.parked_until`) },
});

const pausing = (kind: Pausable): Obstacle => ({
  ...{ reason: PAUSE_REASONS[kind], when: isPausedBy(kind, 'c') },
  ...{ note: ofPause(kind, 'c', 'z.reason'), since: ofPause(kind, 'c', 'z.paused_at') },
  until: ofPause(kind, 'c', `nullif(z.until, 'infinity')`),
});

/** Its lane stands, so that its outcome can still be recorded. */
const IS_UNDER_LANE = 'coalesce(f.lane_token = s.lane_token and f.lane_expires_at > now(), false)';

/** It rests beyond a moment. */
export const restsBeyond = (moment: string): string => `(s.not_before > ${moment})`;

/** The platform neither asks for a longer rest than somebody waits, nor was it away for longer; and nobody paused it for longer. */
export const isReachableWithin = (patience: string): string => `(coalesce(f.blocked_until, now()) <= now() + ${patience}
  and not ${isPaused('c', `now() + ${patience}`)} and (coalesce(f.breaker, 'closed') = 'closed' or f.breaker_opened_at > now() - ${patience}))`;

/** In the order in which they are told. */
const OBSTACLES = {
  sending: { reason: 'answer', when: `s.state = 'sending' and ${IS_UNDER_LANE}` },
  // Whoever takes the lane next finds out what became of the call.
  forsaken: { reason: 'readBack', when: `s.state = 'sending'`, type: `'OutcomeUnknown'` },
  keptBack: {
    ...{ reason: 'enrolment', type: 's.failure_type' },
    when: `s.state = 'held' and s.failure_type in (${ROSTER_HOLDS.map((type) => `'${type}'`).join(', ')})`,
  },
  held: { reason: 'decision', when: `s.state = 'held'`, type: 's.failure_type' },
  night: { reason: 'nightlyRun', when: `s.state = 'due' and s.awaits_nightly` },
  platformPaused: pausing('platform'),
  deploymentPaused: pausing('deployment'),
  contextPaused: pausing('context'),
  contextParked: { reason: 'contextParked', when: isSetAside('c'), told: isParked('c'), ...parking('c') },
  // A call whose end is not known is settled even where its column has been set aside since.
  lineItemParked: {
    ...{ reason: 'lineItemParked', when: `s.state = 'due' and ${isSetAside('l')}`, ...parking('l') },
    told: `s.state = 'due' and ${isParked('l')}`,
  },
  noKey: { reason: 'launch', when: `not ${hasKeyFor('assignment_and_grades', 'c')}`, type: `'ServiceKeyMissing'` },
  breaker: {
    ...{ reason: 'platform', when: `coalesce(f.breaker <> 'closed', false)`, since: 'f.breaker_opened_at' },
    ...{ type: `coalesce(f.breaker_type, 'PlatformUnavailable')` },
    until: ahead('greatest(f.blocked_until, f.probe_until)'),
  },
  pause: {
    ...{ reason: 'platform', when: 'coalesce(f.blocked_until > now(), false)', type: `'PlatformRateLimited'` },
    until: 'f.blocked_until',
  },
  rest: {
    ...{ reason: 'rest', when: restsBeyond('now()'), until: 's.not_before' },
    type: `coalesce(s.failure_type, case when s.state = 'unknown' then 'OutcomeUnknown' end)`,
  },
  unknown: { reason: 'readBack', when: `s.state = 'unknown'`, type: `'OutcomeUnknown'` },
  wanted: {
    ...{ reason: 'lineItem', when: 'l.line_item_id is null', type: 'c.columns_failure' },
    until: ahead('c.columns_rest_until'),
  },
} as const satisfies Record<string, Obstacle>;

/** Nothing stands in its way: it goes out as soon as others leave room. */
const TURN: Omit<Obstacle, 'when'> = { reason: 'turn' };

/** None of these stands in the way. Name only those that the statement around it has not ruled out. */
export const isFreeOf = (...obstacles: (keyof typeof OBSTACLES)[]): string =>
  obstacles.map((name) => `not (${OBSTACLES[name].when})`).join(' and ');

/** To be sent or read back, whatever stands in the way; what waits for the night is not asked for. */
export const IS_WANTED_NOW = `((s.state = 'due' and ${isFreeOf('night')}) or s.state = 'unknown')`;

const AT_ITS_END = `s.state in ('submitted', 'rejected', 'superseded', 'erased')`;

const firstOf = (toResult: (obstacle: Omit<Obstacle, 'when'>) => string): string => {
  const all: Obstacle[] = Object.values(OBSTACLES);
  const cases = all.map((obstacle) => `when ${obstacle.told ?? obstacle.when} then ${toResult(obstacle)}`);
  return `case when ${AT_ITS_END} then null ${cases.join(' ')} else ${toResult(TURN)} end`;
};

const inText = (moment: string): string => (moment === 'null' ? moment : instantText(moment));

/** What the score waits for, in the shape of `Wait`; null when it is at its end. */
export const WAIT = firstOf(
  ({ reason, type = 'null', note = 'null', since = 'null', until = 'null' }) =>
    `json_build_object('reason', '${reason}', 'type', ${type}, 'note', ${note},
       'since', ${inText(since)}, 'until', ${inText(until)})`,
);

/** Its reason alone. */
export const WAIT_REASON = firstOf(({ reason }) => `'${reason}'`);

/** The same by one name: the failure type behind it, else the reason. */
export const WAIT_NAME = firstOf(({ reason, type }) =>
  type === undefined ? `'${reason}'` : `coalesce(${type}, '${reason}')`,
);
