import { mendText } from './storable.js';

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\b(Bearer|Basic|SERVICE-AUTH-V\d|LTIK-AUTH-V\d)\s+[^\s"']+/gi, '$1 [redacted]'],
  [/\beyJ[\w-]{5,}(?:\.[\w-]*){0,4}/g, '[token]'],
  [
    /\b(service_?key|api_?key|ltik|access_?token|id_?token|client_?secret|authorization|password)["']?\s*[:=]\s*["']?[^\s"',}&]+/gi,
    '$1=[redacted]',
  ],
  [/[^\s@<>"'(),;:=/]{1,64}(?:@|%40)[^\s@<>"'(),;:/]{1,190}\.[a-z]{2,24}/gi, '[e-mail]'],
];

/** Shorter values are taken out where they stand as a word, since every "5" of a longer number is none of the user 5. */
const SHORTEST_ANYWHERE = 4;

/** Takes secrets and e-mail addresses out of a text that came from outside, and makes it one that can be stored. */
export type Scrub = (text: string) => string;

/**
 * A scrubber that knows the values of one call (API key, service key, ltik, user id), also in URL-encoded form, and in
 * addition takes out whatever looks like a credential or an e-mail address. Scrub first and cut afterwards: a secret
 * that has been cut in two is no longer recognised.
 */
export function createScrub(values: readonly string[]): Scrub {
  const known = values
    .filter((value) => value !== '')
    .flatMap((value) => [value, encodeURIComponent(value)])
    .sort((a, b) => b.length - a.length)
    .map((value) => (value.length < SHORTEST_ANYWHERE ? asWord(value) : value));
  return (text) => {
    let clean = text;
    for (const value of known) clean = clean.replaceAll(value, '[redacted]');
    for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement);
    return mendText(clean);
  };
}

function asWord(value: string): RegExp {
  const literal = value.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
  // eslint-disable-next-line security/detect-non-literal-regexp -- escaped above
  return new RegExp(String.raw`(?<![\p{L}\p{N}])${literal}(?![\p{L}\p{N}])`, 'gu');
}
