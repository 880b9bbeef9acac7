import type { Operation } from './operation.js';
import { Upload, type UploadContent } from './upload.js';

/** What an operation is given: its parameters by name, and the body. */
export type Input = Readonly<Record<string, unknown>>;

export interface PlainRequest {
  method: Operation['method'];
  /** Path and query. */
  target: string;
  headers: Record<string, string>;
  body: UploadContent | undefined;
  isOneShot: boolean;
  /** A file may take as long as it takes. */
  isFile: boolean;
}

/**
 * The request of an operation.
 * @throws {TypeError} for a name that the operation does not have, a part of the path that is missing, and one that would
 * lead elsewhere
 */
export function toRequest(id: string, operation: Operation, input: Input): PlainRequest {
  const { body, ...parameters } = input;
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => toSegment(id, name, parameters[name]));
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined || operation.path.includes(`{${name}}`)) continue;
    if (!operation.query.includes(name)) throw new TypeError(`${id} has no parameter ${name}.`);
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one));
  }
  if (body !== undefined && !operation.hasBody) throw new TypeError(`${id} has no body.`);
  const target = query.size > 0 ? `${path}?${query.toString()}` : path;
  return { method: operation.method, target, ...toBody(body) };
}

function toBody(body: unknown): Omit<PlainRequest, 'method' | 'target'> {
  if (body instanceof Upload) {
    const { contentType, content, isOneShot } = body;
    return {
      ...{ body: content, isOneShot, isFile: contentType !== 'application/json' },
      headers: { 'content-type': contentType },
    };
  }
  const nothing = { isOneShot: false, isFile: false };
  if (body === undefined) return { ...nothing, body: undefined, headers: {} };
  return { ...nothing, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}

/** Dots alone would be resolved, and an empty one lead to the list. */
function toSegment(id: string, name: string, value: unknown): string {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  if (/^\.{0,2}$/.test(text)) throw new TypeError(`${id} needs ${name}: a text that is no dots.`);
  return encodeURIComponent(text);
}
