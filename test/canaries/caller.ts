/** Asks the API over HTTP, and remembers every problem that it was answered. */
import { parseJson, type Json } from '../helpers/app.js';

export interface Asked {
  key?: string | null;
  body?: unknown;
  type?: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
}

export interface Told {
  status: number;
  text: string;
  /** Null where it is no JSON. */
  body: Json;
}

export interface Caller {
  ask: (method: string, path: string, asked?: Asked) => Promise<Told>;
  /** The same, which must go well. */
  tell: (method: string, path: string, asked?: Asked) => Promise<Told>;
  /** Answers other than 2xx, and problems of single items within others. */
  errors: string[];
}

export function createCaller(url: string, adminKey: string): Caller {
  const errors: string[] = [];
  const ask: Caller['ask'] = async (method, path, { key = adminKey, body, type, query, headers = {} } = {}) => {
    const address = new URL(path, url);
    for (const [name, value] of Object.entries(query ?? {})) address.searchParams.append(name, value);
    const answer = await fetch(address, {
      ...{ method, redirect: 'manual' },
      headers: {
        ...(key !== null && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && { 'content-type': type ?? 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const told = { status: answer.status, text, body: toJson(text) };
    if (told.status >= 300) errors.push(`${method} ${told.status} ${JSON.stringify([...answer.headers])} ${text}`);
    else for (const line of linesOf(told)) errors.push(...problemsIn(line));
    return told;
  };
  return {
    ...{ ask, errors },
    async tell(method, path, asked) {
      const told = await ask(method, path, asked);
      if (told.status >= 300) throw new Error(`${method} ${path} ${told.status} ${told.text}`);
      return told;
    },
  };
}

const linesOf = ({ body, text }: Told): Json[] => (body === null ? text.split('\n').map(toJson) : [body]);

function problemsIn(value: Json): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(problemsIn);
  const { type } = value;
  if (typeof type === 'string' && type.startsWith('urn:passback:problem:')) return [JSON.stringify(value)];
  return Object.values(value).flatMap(problemsIn);
}

function toJson(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}
