import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../db/server/knex.js';
import { createTestApi } from '../helpers/app.js';
import { insertContext, insertLineItem, insertPlatform, insertScore, insertServiceKey } from '../helpers/factories.js';
import { insertNoticeEndpoint } from '../helpers/notice-endpoints.js';
import { createSource, namingMapping, STANDARD_SECRET } from '../helpers/webhooks.js';

const api = await createTestApi();
const { call, db } = api;
const platform = await insertPlatform(db, { platformId: 'lms' });
const { id: context } = await insertContext(db, { deployment: platform.deployment, contextId: 'bio' });
const { id: serviceKey } = await insertServiceKey(db, { context });
const { id: lineItem } = await insertLineItem(db, { context });
const { id: score } = await insertScore(db, { context, lineItem, state: 'rejected', userId: 'ada' });
const { id: held } = await insertScore(db, {
  ...{ context, lineItem, state: 'held', userId: 'bob', columns: { failure_type: 'HumanGradePresent' } },
});
const { id: due } = await insertScore(db, { context, lineItem, userId: 'cid' });
const endpoint = await insertNoticeEndpoint(db);
await createSource(api, { name: 'grader', mapping: namingMapping('lms') });
const column = {
  platformId: 'lms',
  contextId: 'bio',
  lineItem: { resourceId: 'quiz', label: 'Quiz', scoreMaximum: 10 },
};
const tied = await call('PUT', '/v1/references/grader/one', { body: { ...column, userId: 'ada' } });
assert.equal(tied.status, 201, tied.text);

const TABLES = [
  ...['api_keys', 'platforms', 'deployments', 'gates', 'contexts', 'line_items', 'scores', 'score_retries', 'pauses'],
  ...['service_keys', 'webhook_sources', 'webhook_secrets', 'webhook_references', 'notice_endpoints', 'notice_secrets'],
  ...['bulk_operations', 'runs', 'backfills', 'audit_entries', 'score_revisions'],
];
const STATE = TABLES.map(
  (table) =>
    `select '${table}' as name, md5(string_agg(t::text, ',' order by t::text)) as rows from (select to_jsonb(x) - 'last_used_at' as t from ${table} x) t`,
).join(' union all ');

const because = { reason: 'a test' };
const DEEDS: readonly (readonly ['POST' | 'PUT' | 'PATCH' | 'DELETE', string, object?])[] = [
  ['PATCH', `/v1/platforms/${platform.id}`, { family: 'canvas', limits: { inFlightMax: 2 } }],
  ['POST', `/v1/platforms/${platform.id}/pause`, {}],
  ['POST', `/v1/platforms/${platform.id}/resume`, {}],
  ['POST', `/v1/deployments/${platform.deployment}/pause`, {}],
  ['POST', `/v1/contexts/${context}/pause`, {}],
  ['POST', `/v1/contexts/${context}/resume`, {}],
  ['PUT', `/v1/contexts/${context}/grade-policy`, { gradePolicy: 'humanWins' }],
  ['PUT', `/v1/line-items/${lineItem}/grade-policy`, { gradePolicy: 'humanWins' }],
  ['POST', `/v1/line-items/${lineItem}/resume`, {}],
  ['POST', '/v1/scores/retry', { ids: [score] }],
  ['POST', `/v1/scores/${held}/decide`, { decision: 'send' }],
  ['POST', `/v1/scores/${due}/withdraw`, {}],
  ['POST', '/v1/syncs', { context }],
  [
    'POST',
    '/v1/webhook-sources',
    {
      name: 'other',
      verification: { scheme: 'standardWebhooks' },
      secret: STANDARD_SECRET,
      mapping: namingMapping('lms'),
    },
  ],
  ['PATCH', '/v1/webhook-sources/grader', { disabled: true }],
  ['POST', '/v1/webhook-sources/grader/secrets', { secret: `whsec_${Buffer.alloc(32, 9).toString('base64')}` }],
  ['DELETE', '/v1/webhook-sources/grader?reason=a+test'],
  ['DELETE', '/v1/references/grader/one'],
  ['PATCH', `/v1/notices/${endpoint}`, { disabled: true }],
  ['POST', `/v1/notices/${endpoint}/rotate-secret`, {}],
  ['DELETE', `/v1/notices/${endpoint}?reason=a+test`],
  ['POST', '/v1/backfills', { author: 'Ada', filter: { platformId: 'lms' }, action: 'resend' }],
  ['DELETE', `/v1/service-keys/${serviceKey}?reason=a+test`],
  ['POST', '/v1/service-keys', { platformId: 'lms', contextId: 'bio', deploymentId: '1', serviceKey: 'another key' }],
];

for (const [method, path, body] of DEEDS) {
  const name = path.replaceAll(/[0-9a-f-]{36}/g, ':id').replace(/\?.*/, '');
  test(`leaves all as it was where no audit entry can be written: ${method} ${name}`, async () => {
    const before = await queryRows(db, STATE);
    await db.raw('alter table audit_entries add constraint refuse check (false) not valid');
    try {
      const options = body && { body: 'serviceKey' in body ? body : { ...because, ...body } };
      const answer = await call(method, path, options);
      assert.equal(answer.status, 500, answer.text);
    } finally {
      await db.raw('alter table audit_entries drop constraint refuse');
    }
    assert.deepEqual(await queryRows(db, STATE), before);
    assert.deepEqual(api.sends, []);
  });
}
