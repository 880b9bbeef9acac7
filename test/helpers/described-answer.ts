/** Answers, held against the description of the operation that gave them. */
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { Compile } from 'typebox/compile';
import { at, parseJson, type Json } from './app.js';
import { inlined } from './inlined.js';

export interface Answer {
  status: number;
  type: string;
  text: string;
}

/** What an answer may have whatever the request; beyond that, by how much it may be longer than the request. */
const FREE_BYTES = 8_192;
const MOST_TIMES = 10;

const CHUNKED = { 'transfer-encoding': 'chunked' };

/** The type of content without its parameters. */
export function typeOf(header: unknown): string {
  return typeof header === 'string' ? header.replace(/;.*/, '') : '';
}

/** Over a connection, each byte of the body in a piece of its own. */
export async function sendInPieces(
  { hostname, port }: URL,
  { body, headers, ...head }: { method: string; path: string; headers: Record<string, string>; body: Buffer },
): Promise<Answer> {
  const request = http.request({ hostname, port, agent: false, ...head, headers: { ...headers, ...CHUNKED } });
  request.setNoDelay(true);
  const answer = new Promise<http.IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    // Whoever has answered may close before the rest has come.
    request.on('error', reject);
  });
  for (const byte of body) request.write(Buffer.from([byte]));
  request.end();
  const response = await answer;
  return {
    status: response.statusCode ?? 0,
    type: typeOf(response.headers['content-type']),
    text: await text(response),
  };
}

/** What is wrong with the answer to a request of so many bytes; nothing where it is as `document` says. */
export function faultsOf(
  document: Json,
  { described, method }: { described: Json; method: string },
  { answer: { status, type, text }, bytes }: { answer: Answer; bytes: number },
): string[] {
  const response = at(described, 'responses', String(status));
  if (status >= 500) return [`${status} is a failure of ours`];
  if (response === undefined) return [`${status} is not described`];
  // What somebody reads is as long as it is.
  const isRead = method === 'GET' && status < 400;
  const length = Buffer.byteLength(text);
  const isLong = !isRead && length > Math.max(FREE_BYTES, MOST_TIMES * bytes);
  const faults = isLong ? [`${length} bytes answer ${bytes}`] : [];
  if (text === '') return faults;
  const content = at(response, 'content', type);
  if (content === undefined) return [...faults, `${type} is not described for ${status}`];
  const schema = at(content, 'schema');
  // The last line has the counts, or a problem.
  if (type.includes('ndjson')) {
    const lines = text.trimEnd().split('\n').map(parseJson);
    return [...faults, ...lines.slice(0, -1).flatMap((line) => mismatches(document, schema, line))];
  }
  return type.includes('json') ? [...faults, ...mismatches(document, schema, parseJson(text))] : faults;
}

const validators = new Map<Json | undefined, ReturnType<typeof Compile>>();

function mismatches(document: Json, schema: Json | undefined, value: Json): string[] {
  const validator = validators.get(schema) ?? Compile(Object(inlined(document, schema)));
  validators.set(schema, validator);
  if (validator.Check(value)) return [];
  return validator.Errors(value).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
