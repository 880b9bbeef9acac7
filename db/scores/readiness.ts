/**
 * Whether a score is ready, and if not, why and until when: said here once, and read by the claim, the sweep, the night,
 * health and whoever asks. As SQL over the aliases `s` (the score), `l` (its column), `c` (its course) and `f` (the
 * limits of its gate, where there are any). Nobody but the lane's holder knows whether the course is being served.
 */
import { ROSTER_HOLDS } from '../../domain/membership.js';
import type { WaitReason } from '../../domain/wait.js';
import { hasKeyFor, isParked, isSetAside } from '../courses/parking.js';

interface Obstacle {
  reason: WaitReason;
  /** Never null, so that its opposite can be asked for. */
  when: string;
  /** When people are told of it, where that is for longer: a probe may fail, and is no end of the waiting. */
  told?: string;
  type?: string;
  since?: string;
  until?: string;
}

const parking = (alias: string): Pick<Obstacle, 'type' | 'since' | 'until'> => ({
  ...{ type: `${alias}.parked_type`, since: `${alias}.parked_at`, until: `${alias}.parked_until` },
});

/** It rests beyond a moment. */
export const restsBeyond = (moment: string): string => `(s.not_before > ${moment})`;

/** The platform neither asks for a longer rest than somebody waits, nor was it away for longer. */
export const isReachableWithin = (patience: string): string => `(coalesce(f.blocked_until, now()) <= now() + ${patience}
  and (coalesce(f.breaker, 'closed') = 'closed' or f.breaker_opened_at > now() - ${patience}))`;

/** In the order in which they are told. */
const OBSTACLES = {
  sending: { reason: 'answer', when: `s.state = 'sending'` },
  keptBack: {
    ...{ reason: 'enrolment', type: 's.failure_type' },
    when: `s.state = 'held' and s.failure_type in (${ROSTER_HOLDS.map((type) => `'${type}'`).join(', ')})`,
  },
  held: { reason: 'decision', when: `s.state = 'held'`, type: 's.failure_type' },
  night: { reason: 'nightlyRun', when: `s.state = 'due' and s.awaits_nightly` },
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
    until: 'case when f.blocked_until > now() then f.blocked_until end',
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
  wanted: { reason: 'lineItem', when: 'l.line_item_id is null' },
} as const satisfies Record<string, Obstacle>;

/** None of these stands in the way. Name only those that the statement around it has not ruled out. */
export const isFreeOf = (...obstacles: (keyof typeof OBSTACLES)[]): string =>
  obstacles.map((name) => `not (${OBSTACLES[name].when})`).join(' and ');

/** To be sent or read back, whatever stands in the way; what waits for the night is not asked for. */
export const IS_WANTED_NOW = `((s.state = 'due' and ${isFreeOf('night')}) or s.state = 'unknown')`;

const AT_ITS_END = `s.state in ('submitted', 'rejected', 'superseded')`;

const firstOf = (toResult: (obstacle: Obstacle) => string): string => {
  const all: Obstacle[] = Object.values(OBSTACLES);
  const cases = all.map((obstacle) => `when ${obstacle.told ?? obstacle.when} then ${toResult(obstacle)}`);
  return `case when ${AT_ITS_END} then null ${cases.join(' ')} end`;
};

/** What the score waits for, in the shape of `Wait`; null when it is at its end, or goes out with the next batch. */
export const WAIT = firstOf(
  ({ reason, type = 'null', since = 'null', until = 'null' }) =>
    `json_build_object('reason', '${reason}', 'type', ${type}, 'since', ${since}, 'until', ${until})`,
);

/** The same by one name: the failure type behind it, else the reason. */
export const WAIT_NAME = firstOf(({ reason, type }) =>
  type === undefined ? `'${reason}'` : `coalesce(${type}, '${reason}')`,
);
