import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, type Json } from '../helpers/app.js';
import { createFullApi } from '../helpers/one-of-everything.js';

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const LIKE_ONE = /^\d{4}-\d\d-\d\d[T ]\d\d/;
const NAMED_SO = /(^at|^since|^until|At|Since|Until)$/;
/** Samples are shown with one backfill, not in the list; and not all pauses end by themselves. */
const NEVER = [
  // The first who asks may be told that they are being counted.
  '/v1/health/calls hours [] since',
  '/v1/backfills backfills [] preview samples [] at',
  ...['/v1/backfills backfills []', '/v1/backfills/{id}', '/v1/schedules schedules []', '/v1/schedules/{name}'].map(
    (place) => `${place} paused until`,
  ),
];
/** A stream. */
const UNSEEN = ['/v1/backfills/{id}/events', '/v1/people/requests/{id}/document'];

const { call, names } = await createFullApi();
const description = (await call('GET', '/openapi.json', { key: null })).body;
const paths = Object.keys(at(description, 'paths') ?? {}).filter(
  (path) => path.startsWith('/v1/') && at(description, 'paths', path, 'get') !== undefined && !UNSEEN.includes(path),
);

test('writes every time in one way: RFC 3339 in UTC, with milliseconds and Z', async () => {
  assert.ok(paths.length > 25, `${paths.length} paths`);
  const described = new Set<string>();
  const seen = new Set<string>();
  const wrong = new Set<string>();
  for (const path of paths) {
    for (const url of urlsOf(path)) {
      const answer = await call('GET', url);
      assert.equal(answer.status, 200, `${url} ${answer.text}`);
      for (const { place, name, value } of textsIn(answer.body, path)) {
        const isTime = LIKE_ONE.test(value) || NAMED_SO.test(name);
        if (!isTime) continue;
        if (!INSTANT.test(value)) wrong.add(`${place}: ${value}`);
        seen.add(place);
      }
    }
    const schema = at(description, 'paths', path, 'get', 'responses', '200', 'content', 'application/json', 'schema');
    for (const place of instantsOf(schema, path)) described.add(place);
  }
  assert.deepEqual([...wrong], []);
  assert.deepEqual(
    [...described].filter((place) => !seen.has(place) && !NEVER.includes(place)),
    [],
    'never seen',
  );
  assert.deepEqual(
    [...seen].filter((place) => !described.has(place)),
    [],
    'not described as times',
  );
});

function urlsOf(path: string): string[] {
  const [prefix = '', of = ['']] = Object.entries(names).find(([start]) => path.startsWith(`${start}{`)) ?? [];
  const urls = of.map((name) => path.replace(new RegExp(`^${prefix}\\{\\w+\\}(/\\{\\w+\\})?`), `${prefix}${name}`));
  if (path === '/v1/references') return [`${path}?reference=s-1`];
  if (path === '/v1/scores') urls.push(`${path}?updatedAfter=2020-01-01T00:00:00Z`);
  if (path.endsWith('/results')) urls.push(...urls.map((url) => `${url}?ended=true`));
  return urls;
}

function textsIn(value: Json | undefined, place: string, name = ''): { place: string; name: string; value: string }[] {
  if (typeof value === 'string') return [{ place, name, value }];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((entry) => textsIn(entry, `${place} []`, name));
  return Object.entries(value).flatMap(([key, entry]) => textsIn(entry, `${place} ${key}`, key));
}

/** Where a schema has times. */
function instantsOf(schema: Json | undefined, place: string): string[] {
  const reference = at(schema, '$ref');
  if (typeof reference === 'string') {
    return instantsOf(at(description, ...reference.replace('#/', '').split('/')), place);
  }
  if (at(schema, 'format') === 'date-time') return [place];
  const variants = at(schema, 'anyOf');
  const inVariants = Array.isArray(variants) ? variants.flatMap((variant) => instantsOf(variant, place)) : [];
  const inItems = at(schema, 'items') === undefined ? [] : instantsOf(at(schema, 'items'), `${place} []`);
  const members = Object.entries(at(schema, 'properties') ?? {}).flatMap(([name, member]: [string, Json]) =>
    instantsOf(member, `${place} ${name}`),
  );
  return [...inVariants, ...inItems, ...members];
}
