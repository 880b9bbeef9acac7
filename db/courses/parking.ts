/** What stands in the way of a whole course or column, as SQL over the alias of its row. */
import { failures, isFailureType } from '../../domain/failure.js';
import { instantText } from '../server/instant-text.js';

/** Set aside, also while it is being probed. */
export const isParked = (alias: string): string => `(${alias}.parked_type is not null)`;

/** Set aside now: until an event, or until a probe whose time has not come. */
export const isSetAside = (alias: string): string =>
  `(${alias}.parked_type is not null and coalesce(${alias}.parked_until > now(), true))`;

/** Set aside, and its time to be tried again has come. */
export const wantsProbe = (alias: string): string => `(${alias}.parked_until <= now())`;

/** Nobody looks for the columns of the course now, since the last looks failed. */
export const areColumnsResting = (alias: string): string => `coalesce(${alias}.columns_rest_until > now(), false)`;

/** Of the course of that alias: something waits for somebody to launch an activity. `:types` are the failures of keys. */
export const needsLaunch = (alias: string): string => `(${alias}.parked_type = any (:types::text[]) or (
  exists (select from score_queue q where q.context = ${alias}.id and q.hold is distinct from 'unknown')
  and not ${hasKeyFor('assignment_and_grades', alias)}))`;

/** Failures that another key of the course may not meet. */
export const KEY_TYPES: readonly string[] = Object.keys(failures).filter(
  (type) => isFailureType(type) && 'keyRelated' in failures[type],
);

/** The parking as JSON, in the shape of `Parked`; null where there is none. */
export const parkingOf = (alias: string): string => `case when ${isParked(alias)} then json_build_object(
  'type', ${alias}.parked_type, 'detail', ${alias}.parked_detail, 'since', ${instantText(`${alias}.parked_at`)},
  'until', ${instantText(`${alias}.parked_until`)}) end`;

/** Something set aside, with its reason. */
export interface Parked {
  type: string;
  detail: string | null;
  since: string;
  /** When it is tried again without anybody doing anything; null: never. */
  until: string | null;
}

/** The course of that alias has a key for the service that LTIAAS has not refused. */
export const hasKeyFor = (service: 'assignment_and_grades' | 'names_and_roles', alias: string): string =>
  `exists (select from service_keys k where k.context = ${alias}.id and k.${service} and k.rejected_at is null)`;
