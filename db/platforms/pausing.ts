/**
 * What somebody paused by hand, as SQL: said here once, and asked by claims, turns, lanes, passes and whoever tells why
 * something waits. There are few pauses at any time, so each question reads all of them.
 */
import type { WaitReason } from '../../domain/wait.js';
import { instantText } from '../server/instant-text.js';

/** What can be paused; each is a column of `pauses`. */
export const PAUSABLE = ['platform', 'deployment', 'context'] as const;
export type Pausable = (typeof PAUSABLE)[number];

export const PAUSE_REASONS = {
  platform: 'platformPaused',
  deployment: 'deploymentPaused',
  context: 'contextPaused',
} as const satisfies Record<Pausable, WaitReason>;

/** The pause of that alias has not ended. */
const lasts = (alias: string, at: string): string => `${alias}.until > ${at}`;

/** By its name in `WaitReason`. */
const REASON = `case when z.platform is not null then '${PAUSE_REASONS.platform}'
  when z.deployment is not null then '${PAUSE_REASONS.deployment}' else '${PAUSE_REASONS.context}' end`;

/** What of a course (its alias) each kind of pause is about. */
const NAMED_BY: Readonly<Record<Pausable, (course: string) => string>> = {
  platform: (course) => `(select d.platform from deployments d where d.id = ${course}.deployment)`,
  deployment: (course) => `${course}.deployment`,
  context: (course) => `${course}.id`,
};

/**
 * A pause of one kind is about the course of that alias. The list is made once for a statement, however many courses it
 * asks for.
 */
export const isPausedBy = (kind: Pausable, course: string, at = 'now()'): string => {
  const lists = {
    platform: `${course}.deployment in (select d.id from pauses z join deployments d on d.platform = z.platform where ${lasts('z', at)})`,
    deployment: `${course}.deployment in (select z.deployment from pauses z where z.deployment is not null and ${lasts('z', at)})`,
    context: `${course}.id in (select z.context from pauses z where z.context is not null and ${lasts('z', at)})`,
  };
  return `(${lists[kind]})`;
};

/** No call may be made for the course of that alias at a moment. */
export const isPaused = (course: string, at = 'now()'): string =>
  `(${PAUSABLE.map((kind) => isPausedBy(kind, course, at)).join(' or ')})`;

/** Something of that pause of the course; null where there is none. */
export const ofPause = (kind: Pausable, course: string, column: string): string =>
  `(select ${column} from pauses z where z.${kind} = ${NAMED_BY[kind](course)} and ${lasts('z', 'now()')})`;

/** When all pauses of the course are over by themselves, which may be infinity; null: none is about it. */
export const pausedUntil = (course: string): string => `(select max(z.until) from pauses z where ${lasts('z', 'now()')}
  and (${PAUSABLE.map((kind) => `z.${kind} = ${NAMED_BY[kind](course)}`).join(' or ')}))`;

/** The pause (`reason`, `until`) that keeps a course, by its id, from being called the longest: a row, or none. */
export const pauseOfCourse = (id: string, at: string): string => `select ${REASON} as reason, z.until
  from contexts c join deployments d on d.id = c.deployment
  join pauses z on z.context = c.id or z.deployment = d.id or z.platform = d.platform
  where c.id = ${id} and ${lasts('z', at)} order by z.until desc limit 1`;

/** The pause (`reason`, `until`) that lets no course behind a gate, by its id, be called: a row, or none. */
export const pauseOfGate = (id: string, at: string): string => `select
    case when max(pz.until) is not null then '${PAUSE_REASONS.platform}' else '${PAUSE_REASONS.deployment}' end as reason,
    coalesce(max(pz.until), min(dz.until)) as until
  from deployments d
  left join pauses pz on pz.platform = d.platform and ${lasts('pz', at)}
  left join pauses dz on dz.deployment = d.id and ${lasts('dz', at)}
  where d.gate = ${id}
  having bool_and(pz.until is not null or dz.until is not null)`;

/** Nobody waits for longer without asking again. */
const LONGEST_WAIT = `interval '1 hour'`;

/** How long until a moment that may be infinity, in milliseconds, an hour at most. */
export const waitMs = (until: string, at: string): string =>
  `ceil(extract(epoch from least(${until}, ${at} + ${LONGEST_WAIT}) - ${at}) * 1000)`;

/** The pause of that alias as JSON, in the shape of `Paused`; null where there is none. */
export const pauseAsJson = (kind: Pausable, id: string): string => `(select json_build_object('reason', z.reason,
  'apiKeyId', (select a.api_key from audit_entries a
    where a.subject = ${id}::text and a.action = '${kind}s.pause' order by a.id desc limit 1),
  'since', ${instantText('z.paused_at')}, 'until', ${instantText("nullif(z.until, 'infinity')")}) from pauses z where z.${kind} = ${id} and ${lasts('z', 'now()')})`;

/** Something paused by hand. */
export interface Paused {
  /** The words of whoever paused it. */
  reason: string;
  /** Of whoever paused it last; null, as `since`: unknown. */
  apiKeyId: string | null;
  since: string | null;
  /** When it ends by itself; null: somebody must resume it. */
  until: string | null;
}
