/** Three times the longest that is known: LTIAAS's own plugin for Moodle keeps them in 1,333 characters. */
const LENGTH = 4_096;

/**
 * Why a text cannot be a service key, as the end of a sentence; undefined: it can. It stands in a header of every call
 * (https://www.rfc-editor.org/rfc/rfc9110#section-5.5), so a key that it cannot carry would fail only when scores are sent.
 */
export function faultOfServiceKey(text: string): string | undefined {
  if (text === '') return 'must not be empty';
  if (text.length > LENGTH) return `must not be longer than ${LENGTH} characters`;
  if (/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text)) return undefined;
  return 'holds a character that no header can carry';
}
