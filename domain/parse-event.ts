import { parseJsonKeepingIds } from './parse-json.js';

/** The document that a body holds; undefined where it is no JSON. What begins with a byte order mark is meant without it. */
export function parseEvent(body: string): { value: unknown } | undefined {
  try {
    return { value: parseJsonKeepingIds(body.replace(/^\uFEFF/, '')) };
  } catch {
    return undefined;
  }
}
