import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, createTestApi, type Json } from '../helpers/app.js';

const { call } = await createTestApi();
const description = (await call('GET', '/openapi.json', { key: null })).body;
const members = membersOf(description, '');
const answers = members.filter(({ place }) => !place.includes('requestBody'));

test('says since and until of what lasts, and at of what happened', () => {
  const times = members.filter(({ schema }) => at(schema, 'format') === 'date-time');
  assert.ok(times.length > 50, `${times.length} times`);
  const odd = times.filter(({ name }) => !/^(at|since|until)$|(At|Since|Until|After|Before)$/.test(name));
  assert.deepEqual(placesOf(odd), []);
  const ends = times.filter(({ name }) => /^(ended|finished|completed|began|begun)/.test(name) && name !== 'endedAt');
  assert.deepEqual(placesOf(ends), []);
  const lasting = answers.filter(({ name, siblings }) => name === 'until' && siblings.length > 0);
  assert.ok(lasting.length > 3, `${lasting.length} that last`);
  assert.deepEqual(placesOf(lasting.filter(({ siblings }) => !siblings.includes('since'))), []);
});

interface Member {
  name: string;
  /** What stands beside it, and it. */
  siblings: string[];
  place: string;
  schema: Json;
}

const placesOf = (found: readonly Member[]): string[] => [...new Set(found.map(({ place }) => place))];

/** Every member and parameter that is described, however deep. */
function membersOf(node: Json | undefined, place: string): Member[] {
  if (typeof node !== 'object' || node === null) return [];
  if (Array.isArray(node)) return node.flatMap((entry) => membersOf(entry, place));
  const named = at(node, 'in') === undefined ? undefined : at(node, 'name');
  const parameter =
    typeof named === 'string'
      ? [{ name: named, siblings: [], place: `${place} ${named}`, schema: at(node, 'schema') ?? null }]
      : [];
  return [
    ...parameter,
    ...Object.entries(node).flatMap(([key, value]) => {
      if (key === 'example' || key === 'examples') return [];
      const inner = `${place} ${key}`.trim();
      if (key !== 'properties') return membersOf(value, inner);
      return Object.entries(value ?? {}).flatMap(([name, schema]: [string, Json]) => [
        { name, siblings: Object.keys(value ?? {}), place: `${place} ${name}`, schema },
        ...membersOf(schema, `${place} ${name}`),
      ]);
    }),
  ];
}
