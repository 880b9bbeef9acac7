/** The routes of a running app, and what they answer. */
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import type { Ids } from '../../helpers/tenant.js';
import { fillPath } from './paths.js';
import type { Question } from './questions.js';

export interface Route {
  name: string;
  method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** As descriptions have it, with `{id}`. */
  path: string;
}

const METHODS = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE'] as const;
const BRANCH = /^((?:│ {3}| {4})*)[├└]── (.+?)(?: \(([A-Z, ]+)\))?$/u;

/** All below `/v1`, described or not: the router itself tells them. */
export function routesOf(app: FastifyInstance): Route[] {
  const above: string[] = [];
  return app
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .flatMap((line) => {
      const [, indent = '', part = '', methods = ''] = BRANCH.exec(line) ?? [];
      const depth = indent.length / 4;
      above.splice(depth, above.length, part);
      const path = above.join('').replaceAll(/:(\w+)/g, '{$1}');
      const has = METHODS.filter((method) => methods.split(', ').includes(method));
      return path.startsWith('/v1/') ? has.map((method) => ({ name: `${method} ${path}`, method, path })) : [];
    });
}

/** What takes things away comes last, and what is within others before these. */
export function gentleFirst(routes: readonly Route[]): Route[] {
  const rank = ({ method, path }: Route): number =>
    method === 'GET' ? 0 : method === 'DELETE' ? 1_000 - path.length : path.endsWith('/forget-keys') ? 2_000 : 1;
  return routes.toSorted((one, other) => rank(one) - rank(other));
}

let asked = 0;

/** Comes from another address each time, so that no budget for wrong keys is spent. */
export async function ask(
  app: FastifyInstance,
  { method, path }: Route,
  { of, key, question }: { of: Ids; key: string | null; question: Question },
): Promise<LightMyRequestResponse> {
  const { query = {}, body, type = 'application/json', headers = {} } = question;
  asked += 1;
  return app.inject({
    ...{
      method,
      url: fillPath(path, of),
      query,
      remoteAddress: `10.${asked >> 16}.${(asked >> 8) & 255}.${asked & 255}`,
    },
    headers: {
      ...(key !== null && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { 'content-type': type }),
      ...headers,
    },
    ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

const UUID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g;
const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;
/** What differs between any two answers. */
const OF_ITS_MOMENT = ['date', 'x-request-id', 'content-length'];

/** All of an answer but the ids that were asked about, and what is new in each answer: ids, instants and durations. */
export function saidBy(answer: LightMyRequestResponse, { ids, word }: { ids: Ids; word: string }): string {
  const headers = Object.entries(answer.headers).filter(([name]) => !OF_ITS_MOMENT.includes(name));
  const text = `${answer.statusCode} ${JSON.stringify(headers)} ${answer.payload}`;
  const named = Object.entries(ids)
    .toSorted(([, one], [, other]) => other.length - one.length)
    .reduce((said, [kind, id]) => said.replaceAll(id, `<${kind}>`), text);
  return named
    .replaceAll(word, '<word>')
    .replaceAll(UUID, '<uuid>')
    .replaceAll(INSTANT, '<instant>')
    .replaceAll(/"(durationSeconds|bytes)":[\d.e-]+/g, '"$1":0');
}
