/** Asks every operation of the API with a canary in each of its fields: most are refused, and that is the point. */
import { randomUUID } from 'node:crypto';
import { toSchema } from '../../api/samples/sample.js';
import { questionsOf } from './operations.js';
import type { World } from './world.js';

/** What ends by itself only, or ends what the rest needs. */
const LEFT_OUT = ['followBackfill'];
const AT_ONCE = 8;

export async function sweep({ canaries, caller }: World): Promise<void> {
  const { body } = await caller.tell('GET', '/openapi.json', { key: null });
  const questions = questionsOf(toSchema(body), { canaries, filled: new Set() });
  const open = questions.filter(({ operation }) => !LEFT_OUT.includes(operation));
  const next = async (): Promise<void> => {
    for (let question = open.pop(); question; question = open.pop()) {
      const { method, path, query, headers, ...rest } = question;
      await caller.ask(method, path, { ...rest, query, headers });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  await knock({ canaries, caller });
}

/** What no operation describes: headers, wrong keys, names that are not there, and what is no JSON. */
async function knock({ canaries, caller }: Pick<World, 'canaries' | 'caller'>): Promise<void> {
  const { ask } = caller;
  const text = (field: string): string => canaries.make('freeText', field);
  const headers = Object.fromEntries(
    [
      'user-agent',
      'referer',
      'x-request-id',
      'x-forwarded-for',
      'forwarded',
      'tracestate',
      'baggage',
      'x-anything',
    ].map((name) => [name, text(`header ${name}`)]),
  );
  await ask('GET', '/v1/scores', { headers: { ...headers, cookie: `session=${canaries.make('secret', 'cookie')}` } });
  await ask('GET', '/v1/scores', { key: canaries.make('secret', 'a wrong key') });
  await ask('GET', '/v1/scores', { key: null, headers: { authorization: canaries.make('secret', 'no bearer') } });
  await ask('GET', `/v1/${text('unknown path')}/${canaries.make('person', 'unknown path')}`);
  await ask('GET', `/${text('unknown path')}`, {
    key: null,
    query: { [text('query')]: canaries.make('person', 'query') },
  });
  await ask('GET', `/v1/scores/${randomUUID()}`, {
    query: { [canaries.make('wrongName', 'unknown parameter')]: text('of it') },
  });
  for (const [path, person] of [
    ['/v1/scores', 'score'],
    ['/v1/explain', 'explain'],
  ] as const) {
    const unknown = {
      [canaries.make('wrongName', `unknown member of ${person}`)]: canaries.make(
        'person',
        `unknown member of ${person}`,
      ),
    };
    await ask('POST', path, { body: { ...unknown, userId: [canaries.make('person', `${person}: of a wrong type`)] } });
    await ask('POST', path, { body: `{"userId":"${canaries.make('person', `${person}: cut off`)}` });
    await ask('POST', path, { body: canaries.make('person', `${person}: no JSON`) });
    await ask('POST', path, { type: text('content-type'), body: canaries.make('person', `${person}: no such type`) });
    await ask('POST', path, {
      type: 'application/json; charset=x',
      body: `"\u0000${canaries.make('person', `${person}: NUL`)}"`,
    });
  }
  await ask('POST', '/console/sign-in', {
    ...{ key: null, type: 'application/x-www-form-urlencoded', headers: { 'sec-fetch-site': 'same-origin' } },
    body: `key=${canaries.make('secret', 'console: a wrong key')}`,
  });
}
