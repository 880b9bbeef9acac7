import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../db/server/knex.js';
import { createTestApi } from '../helpers/app.js';
import { insertContext, insertLineItem, insertPlatform } from '../helpers/factories.js';

const { app, db, call, adminKey } = await createTestApi();
const platform = await insertPlatform(db, { platformId: 'lms', deploymentId: 'd1' });
const context = await insertContext(db, { deployment: platform.deployment, contextId: 'course' });
const column = await insertLineItem(db, { context: context.id });

const place = { platformId: 'lms', contextId: 'course' };
const score = { ...place, lineItem: { id: column.line_item_id }, userId: 'ada', scoreGiven: 1, scoreMaximum: 2 };
const key = { ...place, deploymentId: 'd1', resourceLinkId: 'quiz', serviceKey: 'key' };

async function post(url: string, payload: Buffer, type = 'application/json') {
  const headers = { authorization: `Bearer ${adminKey}`, 'content-type': type };
  return app.inject({ method: 'POST', url, headers, payload });
}

test('refuses JSON that is not UTF-8, wherever it is sent', async () => {
  const bytes = (body: unknown): Buffer => Buffer.from(JSON.stringify(body), 'latin1');
  const bodies: [string, unknown][] = [
    ['/v1/scores', { ...score, userId: 'Müller' }],
    ['/v1/service-keys', { ...key, resourceLinkId: 'Übung' }],
    ['/v1/launches', { idToken: { platform: { id: 'Hülle' } } }],
    ['/v1/syncs', { contextId: 'Müller' }],
  ];
  for (const [url, body] of bodies) {
    const answer = await post(url, bytes(body));
    assert.equal(answer.statusCode, 400, answer.body);
    assert.match(answer.body, /malformed-json.*not valid UTF-8/);
  }
  assert.deepEqual(await queryRows(db, 'select 1 from scores'), []);
});

test('refuses the rows of service keys that are not UTF-8, and those alone', async () => {
  const head = 'platformId,deploymentId,contextId,resourceLinkId,serviceKey\n';
  const rows = `lms,d1,course,Übung,k1\nlms,d1,course,plain,k2\n`;
  const answer = await post('/v1/service-keys', Buffer.from(head + rows, 'latin1'), 'text/csv');
  assert.equal(answer.statusCode, 200, answer.body);
  const links = await queryRows(db, 'select resource_link_id from resource_links');
  assert.deepEqual(links, [{ resource_link_id: 'plain' }]);
  // JSON with a member of this name is a key like another, and no file.
  const json = await call('POST', '/v1/service-keys', { body: { csv: head + rows } });
  assert.equal(json.status, 422, json.text);
});
