/** What keys that are limited to some platforms do with sources and references. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, problemOf, textAt, type Answer } from '../../helpers/app.js';
import { insertApiKey, insertContext, insertPlatform } from '../../helpers/factories.js';
import { createWebhookRig } from '../../helpers/webhook-rig.js';
import { createSource, REFERENCE_MAPPING, STANDARD_SECRET } from '../../helpers/webhooks.js';

const { api, become } = await createWebhookRig();
const { db, call } = api;
const other = await insertPlatform(db, { platformId: 'other' });
await insertContext(db, { deployment: other.deployment, contextId: 'law' });
await createSource(api, { name: 'shared', mapping: REFERENCE_MAPPING });
await createSource(api, { name: 'theirs', mapping: REFERENCE_MAPPING, platforms: ['other'] });
await createSource(api, { name: 'both', mapping: REFERENCE_MAPPING, platforms: ['lms', 'other'] });
await createSource(api, { name: 'ours', mapping: REFERENCE_MAPPING, platforms: ['lms'] });
const { secret: key } = await insertApiKey(db, { scopes: ['scores:write', 'read'], platforms: ['lms'] });
const { secret: adminKey } = await insertApiKey(db, { platforms: ['lms'] });
const { secret: sameReach } = await insertApiKey(db, { platforms: ['lms'] });

const column = { resourceId: 'essay', label: 'Essay', scoreMaximum: 10 };
const tie = (source: string, reference: string, change: object = {}, as: string | null = key) =>
  call('PUT', `/v1/references/${source}/${reference}`, {
    body: { platformId: 'lms', contextId: 'bio', lineItem: column, userId: 'ada', ...change },
    ...(as !== null && { key: as }),
  });
/** Without what tells one request from another. */
const withoutRequest = ({ status, text }: Answer): string => `${status} ${text.replace(/"requestId":"[^"]+"/, '')}`;

test('ties what a source names that is limited alike, and finds and deletes it', async () => {
  const tied = await tie('ours', 's-1');
  assert.equal(tied.status, 201, tied.text);
  assert.equal((await call('GET', '/v1/references/ours/s-1', { key })).status, 200);
  assert.equal(
    at((await call('GET', '/v1/references?reference=s-1', { key })).body, 'references', 0, 'source'),
    'ours',
  );
  assert.equal((await tie('ours', 's-1', { platformId: 'other', contextId: 'law' }, null)).status, 422);
  assert.equal((await call('DELETE', '/v1/references/ours/s-1', { key })).status, 204);
});

test('lets no limited key take a submission of a source that reaches further', async () => {
  for (const source of ['shared', 'both', 'theirs']) {
    assert.deepEqual(withoutRequest(await tie(source, 'squat')), withoutRequest(await tie('nowhere', 'squat')));
    assert.equal((await call('GET', `/v1/references/${source}/squat`)).status, 404);
  }
  const event = { type: 'graded', submission: 'squat', grade: 4, max: 10, at: '2026-11-20T10:00:00Z' };
  assert.equal(at(await become(event, 'shared'), 'state'), 'unmatched');
});

test('tells a limited key nothing of a source that reaches further', async () => {
  assert.equal((await tie('shared', 'told', {}, null)).status, 201);
  const places = ['told', 'untold'].flatMap((reference) =>
    ['shared', 'both', 'theirs', 'nowhere'].map((source) => `/v1/references/${source}/${reference}`),
  );
  for (const method of ['GET', 'DELETE'] as const) {
    const answers = [];
    for (const place of places) answers.push(withoutRequest(await call(method, place, { key })));
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
  }
  assert.deepEqual(at((await call('GET', '/v1/references?reference=told', { key })).body, 'references'), []);
  assert.equal((await call('GET', '/v1/references/shared/told')).status, 200);
});

const make = (name: string, change: object = {}, as = adminKey): Promise<Answer> =>
  call('POST', '/v1/webhook-sources', {
    body: {
      ...{ name, verification: { scheme: 'standardWebhooks' }, secret: STANDARD_SECRET, mapping: REFERENCE_MAPPING },
      ...{ reason: 'a test', ...change },
    },
    key: as,
  });

test('has limited keys name their sources so that no name betrays the source of another', async () => {
  const free = await make('free');
  assert.deepEqual(
    [free.status, problemOf(free.body), at(free.body, 'pointer')],
    [422, 'invalid-webhook-source', '/name'],
  );
  const taken = await make('theirs');
  assert.equal(textAt(taken.body, 'detail'), textAt(free.body, 'detail').replace('"free.', '"theirs.'));
  const [, wanted = ''] = /name it "(.+)"/.exec(textAt(taken.body, 'detail')) ?? [];
  const made = await make(wanted);
  assert.equal(made.status, 201, made.text);
  assert.equal(at(made.body, 'url'), `/v1/webhooks/${wanted}`);
  assert.equal((await call('PUT', `/v1/references/${wanted}/r`, { body: {}, key })).status, 400);
  assert.equal(problemOf((await make(wanted, {}, sameReach)).body), 'webhook-source-exists');
  assert.equal(problemOf((await make(wanted, {}, api.adminKey)).body), 'invalid-webhook-source');
  assert.equal(problemOf((await make(wanted, { platforms: ['lms'] }, api.adminKey)).body), 'webhook-source-exists');
});

test('knows the ending of a name by the platforms, in any order', async () => {
  const { secret } = await insertApiKey(db, { platforms: ['lms', 'other'] });
  const endings = [];
  for (const platforms of [undefined, ['other', 'lms'], ['lms']]) {
    endings.push(/[.](\w+)"/.exec(textAt((await make('x', { platforms }, secret)).body, 'detail'))?.[1]);
  }
  assert.equal(endings[0], endings[1]);
  assert.notEqual(endings[0], endings[2]);
});
