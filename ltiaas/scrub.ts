import { mendText } from './storable.js';

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\b(Bearer|Basic|SERVICE-AUTH-V\d|LTIK-AUTH-V\d)\s+[^\s"']+/gi, '$1 [redacted]'],
  [/\beyJ[\w-]{5,}(?:\.[\w-]*){0,4}/g, '[token]'],
  [
    /\b(service_?key|api_?key|ltik|access_?token|id_?token|client_?secret|authorization|password)\b["']?\s*[:=]\s*["']?[^\s"',}&]+/gi,
    '$1=[redacted]',
  ],
  [/[^\s@<>"'(),;:=/]{1,64}(?:@|%40)[^\s@<>"'(),;:/]{1,190}\.[a-z]{2,24}/gi, '[e-mail]'],
];

/** Shorter values would wipe out innocent text, such as every "5" for the user id 5. */
const SHORTEST_SECRET = 4;

/** Takes secrets and e-mail addresses out of a text that came from outside, and makes it one that can be stored. */
export type Scrub = (text: string) => string;

/**
 * A scrubber that knows the values of one call (API key, service key, ltik, user id), also in URL-encoded form, and in
 * addition takes out whatever looks like a credential or an e-mail address. Scrub first and cut afterwards: a secret
 * that has been cut in two is no longer recognised.
 */
export function createScrub(values: readonly string[]): Scrub {
  const known = values
    .filter((value) => value.length >= SHORTEST_SECRET)
    .flatMap((value) => [value, encodeURIComponent(value)])
    .sort((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const value of known) clean = clean.replaceAll(value, '[redacted]');
    for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement);
    return mendText(clean);
  };
}
