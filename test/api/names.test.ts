import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, createTestApi, type Json } from '../helpers/app.js';
import { inlined } from '../helpers/inlined.js';

const UUID_PATTERN = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';
const LTI_IDS = new Set([
  'platformId',
  'deploymentId',
  'contextId',
  'resourceLinkId',
  'lineItemId',
  'resourceId',
  'userId',
]);
const OUR_IDS =
  /^(id|uuid|context|deployment|gate|lineItem|score|run|undoOf|partOf|mergedInto|supersededBy|approvedBy|behind)$|^(?!platform|deployment|context|resourceLink|lineItem|resource|user)\w+Id$/;

/** Ids that are none of ours, or no uuids, and why. */
const NO_UUIDS: readonly [place: RegExp, why: string][] = [
  [/(lineItem|line-?items?)\b.* id$/i, 'a column shows its LTI id so, as LTI does, and ours as uuid'],
  [/(results|membership-changes|audit) .* id$/, 'running numbers'],
  [/ (workflowId|eventId|requestId)$/, 'named by Temporal, by the grading service, by the caller'],
];

const { call } = await createTestApi();
const { body: description } = await call('GET', '/openapi.json', { key: null });
const members = membersOf(inlined(description, at(description, 'paths')), '');
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

test('names LTI ids as LTI does, and ours otherwise', () => {
  const isOurs = ({ schema }: Member): boolean => at(schema, 'pattern') === UUID_PATTERN;
  const isText = ({ schema }: Member): boolean => [at(schema, 'type')].flat().includes('string');
  const theirs = members.filter(({ name }) => LTI_IDS.has(name));
  assert.ok(theirs.length > 50, `${theirs.length} LTI ids`);
  assert.deepEqual(placesOf(theirs.filter(isOurs)), []);
  assert.deepEqual(
    placesOf(theirs.filter(({ schema }) => /uuid/i.test(JSON.stringify(at(schema, 'description') ?? '')))),
    [],
  );
  const ours = members.filter((member) => OUR_IDS.test(member.name) && isText(member));
  assert.ok(ours.length > 50, `${ours.length} ids of ours`);
  const odd = placesOf(ours.filter((member) => !isOurs(member)));
  assert.deepEqual(
    odd.filter((place) => !NO_UUIDS.some(([pattern]) => pattern.test(place))),
    [],
  );
  for (const [pattern, why] of NO_UUIDS)
    assert.ok(
      odd.some((place) => pattern.test(place)),
      why,
    );
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
