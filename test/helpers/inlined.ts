import { at, type Json } from './app.js';

/** A part of a document with what its references point to in their places. */
export function inlined(document: Json, part: Json | undefined): Json {
  const reference = at(part, '$ref');
  if (typeof reference === 'string') return inlined(document, at(document, ...reference.slice(2).split('/')));
  if (Array.isArray(part)) return part.map((inner) => inlined(document, inner));
  if (typeof part !== 'object' || part === null) return part ?? null;
  return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, inlined(document, inner)]));
}
