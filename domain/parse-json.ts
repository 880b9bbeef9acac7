/** A text in JSON, or a number; texts are looked for so that digits within them are left alone. */
const TEXT_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/gs;
const WHOLE = /^-?\d+$/;

/**
 * Parses JSON from outside. A whole number that JavaScript cannot hold becomes the text of its digits: it is an id, and two
 * ids would become one with digits of neither. (`JSON.parse` gives a reviver the digits from Node 22 on.)
 * @throws {SyntaxError} where it is no JSON
 */
export function parseJsonKeepingIds(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!/\d{16}/.test(text)) return value;
  return JSON.parse(
    text.replaceAll(TEXT_OR_NUMBER, (token) =>
      WHOLE.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
    ),
  );
}
