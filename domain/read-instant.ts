/** Date and time with a zone, as RFC 3339 and the LTI specifications write it. */
const INSTANT = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]([01]\d|2[0-3]):?[0-5]\d)$/;
/** The first instant that ISO 8601 cannot write with a year of four digits, in milliseconds. */
const END = 253_402_300_800_000;

/**
 * Reads an instant, whose zone is not kept: PostgreSQL takes fewer zones than RFC 3339 has, and a Date of no zone all. A
 * text says why it cannot be one, as the end of a sentence.
 */
export function readInstant(text: unknown): Date | string {
  if (typeof text !== 'string' || !INSTANT.test(text)) return 'must be an ISO 8601 instant with a zone';
  const instant = new Date(text);
  return isRealInstant(instant, text) ? instant : 'is no real date';
}

/** JavaScript takes the 30th of February for the 1st or 2nd of March. Before 1970 there was no LTI. */
function isRealInstant(instant: Date, text: string): boolean {
  if (!(instant.getTime() >= 0 && instant.getTime() < END)) return false;
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number);
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}
