import { ProblemError } from './problems.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** How long a JSON body was as it came. */
    jsonBytes: number;
  }
}

/** On average. The shortest score has 90 bytes, the shortest service key 50. */
const LEAST_ITEM_BYTES = 40;
/** Few are answered one by one, whatever they are. */
const FEW_ITEMS = 20;

/**
 * Whether so many items came in so few bytes that they cannot be whole. Each item has an answer, of some 300 bytes where
 * it is invalid: a megabyte of `0,0,0` would get 150 of them.
 */
export function areTooSmall({ items, bytes }: { items: number; bytes: number }): boolean {
  return items > FEW_ITEMS && bytes < items * LEAST_ITEM_BYTES;
}

/** The answer to them all. */
export function tooSmall(): ProblemError {
  const detail = 'These are so many items in so few bytes that they cannot be whole.';
  return new ProblemError('invalid-request', detail, { pointer: '' });
}
