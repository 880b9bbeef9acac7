/**
 * Classes of errors that pass by themselves: connection, transaction state (a server that only reads), rollback, resources,
 * objects in use, operators (a timeout, a shutdown), the system, PostgreSQL itself. https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const PASSING = /^(?:08|25|40|53|55|57|58|XX)/;
/** Errors of a connection or a pool have none: `ECONNRESET` and the like are names. */
const SQLSTATE = /^(?=.*\d)[0-9A-Z]{5}$/;

/** The code with which PostgreSQL says that it will never take what it was given; undefined: no such error. */
export function refusalCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return SQLSTATE.test(code) && !PASSING.test(code) ? code : undefined;
}

/** Of these the data are the reason (classes 22 and 23), and not, say, a schema that a deployment has yet to change. */
export function isRefusalOfData(code: string): boolean {
  return /^2[23]/.test(code);
}
