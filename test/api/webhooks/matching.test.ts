import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, problemOf, textAt } from '../../helpers/app.js';
import { eventually } from '../../helpers/database.js';
import { insertContext, insertMembership, insertPlatform } from '../../helpers/factories.js';
import { createWebhookRig } from '../../helpers/webhook-rig.js';
import {
  createSource,
  graded,
  namingMapping,
  REFERENCE_MAPPING,
  STANDARD_SECRET,
  type GradedEvent,
} from '../../helpers/webhooks.js';

const { api, platform, bio, become, look, scoreOf, letTimePass } = await createWebhookRig();
const { db, call } = api;

test('keeps an event for a student of another course, asks for the roster once, and takes it when they are enrolled', async () => {
  const { id: chem } = await insertContext(db, {
    ...{ deployment: platform.deployment, contextId: 'chem', columns: { roster_read_at: new Date() } },
  });
  await insertMembership(db, { context: bio, userId: 'eve' });
  const asked = () => api.syncs.filter(({ context }) => context === chem);
  const kept = await become(graded({ student: 'eve', course: 'chem' }));
  assert.equal(at(kept, 'state'), 'unmatched');
  assert.equal(at(kept, 'reason', 'type'), 'studentOfAnotherCourse');
  assert.equal(await scoreOf('eve'), undefined);
  await eventually('the roster is asked for', () => asked().length > 0);
  assert.deepEqual(asked(), [{ context: chem, deployment: platform.deployment, trigger: 'webhook', roster: true }]);
  await letTimePass();
  await eventually('it was looked at again', async () => {
    const { body } = await call('GET', `/v1/webhook-events/${textAt(kept, 'id')}`);
    return at(body, 'lookAt') !== at(kept, 'lookAt') && Date.parse(textAt(body, 'lookAt')) > Date.now() + 1_000;
  });
  assert.equal(asked().length, 1, 'nobody asks for the roster again and again');
  await insertMembership(db, { context: chem, userId: 'eve' });
  await letTimePass();
  await look(textAt(kept, 'id'), (shown) => at(shown, 'state') === 'scored');
  assert.equal(at(await scoreOf('eve'), 'contextId'), 'chem');
});

test('leaves a student who is on no roster to the LMS', async () => {
  const shown = await become(graded({ student: 'brand-new', course: 'chem' }));
  assert.equal(at(shown, 'state'), 'scored');
});

test('keeps an event for a course without a launch, and takes it after one', async () => {
  const kept = await become(graded({ student: 'early', course: 'physics' }));
  assert.equal(at(kept, 'reason', 'type'), 'unknownContext');
  assert.equal(at(kept, 'state'), 'unmatched');
  await insertContext(db, { deployment: platform.deployment, contextId: 'physics' });
  await letTimePass();
  await look(textAt(kept, 'id'), (shown) => at(shown, 'state') === 'scored');
});

test('writes to no platform that the source is not for', async () => {
  await insertContext(db, {
    deployment: (await insertPlatform(db, { platformId: 'other' })).deployment,
    contextId: 'bio',
  });
  const mapping = { ...namingMapping('lms'), platform: { value: 'other' } };
  const body = {
    name: 'limited',
    secret: STANDARD_SECRET,
    platforms: ['lms'],
    mapping,
  };
  await call('POST', '/v1/webhook-sources', {
    body: { ...body, verification: { scheme: 'standardWebhooks' }, reason: 'a test' },
  });
  assert.equal(at(await become(graded(), 'limited'), 'reason', 'type'), 'unknownPlatform');
});

const column = { resourceId: 'essay', label: 'Essay', scoreMaximum: 10 };
const tie = (reference: string, change: Record<string, unknown> = {}, key?: string) =>
  call('PUT', `/v1/references/referring/${encodeURIComponent(reference)}`, {
    body: { platformId: 'lms', contextId: 'bio', lineItem: column, userId: `${reference}-student`, ...change },
    ...(key !== undefined && { key }),
  });
/** An event that carries a reference and no names. */
const referring = (submission: unknown, change: GradedEvent = {}): GradedEvent => ({
  ...{ type: 'graded', submission, grade: 4, max: 10, at: '2026-11-20T10:00:00Z', ...change },
});

test('takes an event by its reference, whichever of the two comes first', async () => {
  await createSource(api, { name: 'referring', mapping: REFERENCE_MAPPING });
  const tied = await tie('known');
  assert.equal(tied.status, 201, tied.text);
  assert.equal(at(tied.body, 'waiting'), 0);
  assert.equal(at(await become(referring('known'), 'referring'), 'state'), 'scored');
  assert.equal(at(await scoreOf('known-student'), 'scoreGiven'), 4);

  const early = await become(referring('later'), 'referring');
  assert.equal(at(early, 'state'), 'unmatched');
  assert.equal(at(early, 'reason', 'type'), 'unknownReference');
  const health = await call('GET', '/v1/health/operations');
  assert.match(health.text, /"webhookEventsUnmatched"/);
  const late = await tie('later');
  assert.equal(at(late.body, 'waiting'), 1);
  const matched = await look(textAt(early, 'id'), (shown) => at(shown, 'state') === 'scored');
  assert.equal(at(matched, 'facts', 'userId'), 'later-student');
  assert.equal((await tie('later')).status, 200, 'repeating is safe');
});

test('takes an event whose reference came while the event was being looked at', async () => {
  const early = await become(referring('crossing'), 'referring');
  await tie('crossing');
  const shown = await look(textAt(early, 'id'), (event) => at(event, 'state') === 'scored');
  // As it is left when neither saw the other.
  await db.raw(
    `update webhook_events set state = 'unmatched', look_at = 'infinity', reason = 'unknownReference' where id = ?`,
    [textAt(shown, 'id')],
  );
  await look(textAt(early, 'id'), (event) => at(event, 'state') === 'scored');
});

test('goes by no reference that has expired or was deleted, until it is tied again', async () => {
  const past = await tie('short', { expiresAt: '2020-01-01T00:00:00Z' });
  assert.equal(at(past.body, 'pointer'), '/expiresAt');
  await tie('short');
  await db.raw(`update webhook_references set expires_at = now() where reference = 'short'`);
  const kept = await become(referring('short'), 'referring');
  assert.equal(at(kept, 'reason', 'type'), 'referenceExpired');
  await tie('short');
  await look(textAt(kept, 'id'), (event) => at(event, 'state') === 'scored');
  assert.equal((await call('DELETE', '/v1/references/referring/short')).status, 204);
  assert.equal((await call('GET', '/v1/references/referring/short')).status, 404);
  assert.equal(at(await become(referring('short'), 'referring'), 'reason', 'type'), 'unknownReference');
});

test('keeps an event that names another student than its reference', async () => {
  const mapping = { ...REFERENCE_MAPPING, student: '/student' };
  await createSource(api, { name: 'both', mapping });
  const body = { platformId: 'lms', contextId: 'bio', lineItem: column, userId: 'ada' };
  await call('PUT', '/v1/references/both/s1', { body });
  const kept = await become(referring('s1', { student: 'bob' }), 'both');
  assert.equal(at(kept, 'state'), 'invalid');
  assert.equal(at(kept, 'reason', 'type'), 'referenceDisagrees');
  assert.equal(at(kept, 'reason', 'pointer'), '/student');
  assert.equal(at(await become(referring('s1', { student: 'ada' }), 'both'), 'state'), 'scored');
});

test('ties references to what is known only', async () => {
  assert.equal(problemOf((await tie('x', { contextId: 'unheard-of' })).body), 'unknown-context');
  assert.equal(problemOf((await tie('x', { lineItem: {} })).body), 'invalid-request');
  await tie('mine');
  const shown = await call('GET', '/v1/references/referring/mine');
  assert.equal(at(shown.body, 'userId'), 'mine-student');
  assert.equal(at(shown.body, 'lineItem', 'resourceId'), 'essay');
  const days = (Date.parse(textAt(shown.body, 'expiresAt')) - Date.now()) / 86_400_000;
  assert.ok(days > 179 && days < 181, `${days} days`);
});
