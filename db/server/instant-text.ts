/**
 * Instants that leave PostgreSQL as text, inside JSON or in a cursor: RFC 3339 in UTC with `Z`, whatever the time zone of the
 * session. Those that leave as timestamps become `Date`, which is written in the same way.
 */

/** To the millisecond, as a `Date` is written. Null for null and for infinity. */
export const instantText = (expression: string): string => textTo('MS', expression);

/** To the microsecond, as PostgreSQL keeps it: for what is compared again. */
export const exactInstantText = (expression: string): string => textTo('US', expression);

const textTo = (fraction: 'MS' | 'US', expression: string): string =>
  `to_char((${expression}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.${fraction}"Z"')`;
