import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { at, createTestApi, textAt } from '../../helpers/app.js';
import { createSource, graded, namingMapping, send, signStandard } from '../../helpers/webhooks.js';

const api = await createTestApi();
const { app, call } = api;
await createSource(api, { name: 'standard', mapping: namingMapping('lms') });
const body = JSON.stringify(graded());

test('understands the names that Svix gives the same headers, and no mixture of both', async () => {
  const id = randomUUID();
  const headers = signStandard(body, { id });
  const asSvix = (names: readonly string[]): Record<string, string> =>
    Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        names.includes(name) ? name.replace('webhook', 'svix') : name,
        value,
      ]),
    );
  const all = Object.keys(headers);
  const taken = await send(app, 'standard', { body, headers: asSvix(all) });
  assert.equal(taken.status, 202, taken.text);
  assert.equal(at((await call('GET', `/v1/webhook-events/${textAt(taken.body, 'id')}`)).body, 'eventId'), id);
  for (const name of all) {
    assert.equal((await send(app, 'standard', { body, headers: asSvix([name]) })).status, 401, name);
    assert.equal(
      (await send(app, 'standard', { body, headers: asSvix(all.filter((one) => one !== name)) })).status,
      401,
    );
  }
  const foreign = signStandard(body, { id: 'foreign' });
  const repeated = await send(app, 'standard', { body, headers: { ...foreign, ...asSvix(all) } });
  assert.notEqual(textAt(repeated.body, 'id'), textAt(taken.body, 'id'));
  const forged = await send(app, 'standard', { body, headers: { ...asSvix(all), 'webhook-id': 'forged' } });
  assert.equal(textAt(forged.body, 'id'), textAt(taken.body, 'id'));
});
