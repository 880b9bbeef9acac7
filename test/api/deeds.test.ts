import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fastify from 'fastify';
import { DEEDS } from '../../api/deeds.js';
import { deedsPlugin } from '../../api/plugins/deeds.js';
import { verifyAudit } from '../../db/access/audit-chain.js';
import { at, createTestApi } from '../helpers/app.js';
import { eventually } from '../helpers/database.js';
import { insertContext } from '../helpers/factories.js';

const head = async () => ({ position: '0', hash: '' });

describe('a route that changes something', () => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
    test(`does not start as ${method} without saying what it leaves behind`, async () => {
      const app = fastify();
      await app.register(deedsPlugin, { audit: { head } });
      const route = { url: '/things', handler: async () => 'done' };
      assert.throws(() => app.route({ ...route, method }), /POST|PUT|PATCH|DELETE .* names no action/);
      assert.throws(() => app.route({ ...route, method: ['GET', method] }), /names no action/);
      app.route({ ...route, method, config: { deed: { exempt: 'A test.' } } });
      app.route({ ...route, url: '/others', method: 'GET' });
      await app.close();
    });
  }
});

describe('what deeds leave behind', () => {
  test('is named for routes that there are, and for no others', async (t) => {
    const { app } = await createTestApi({ cleanup: t });
    for (const route of Object.keys(DEEDS)) {
      const [method = '', url = ''] = route.split(' ');
      assert.ok(app.hasRoute({ method, url }), route);
    }
  });

  test('is told to the log by the head of the trail, which leads to the same chain', async (t) => {
    const { call, db, logs } = await createTestApi({ cleanup: t });
    const { id: context } = await insertContext(db);
    const answer = await call('POST', `/v1/contexts/${context}/pause`, { body: { reason: 'exams' } });
    assert.equal(answer.status, 200, answer.text);
    const line = await eventually('the head', () => logs.find((one) => one.includes('the audit trail has grown')));
    const told = (/"auditHead":"(\d+:[0-9a-f]{64})"/.exec(line)?.[1] ?? '').split(':');
    const { body } = await call('GET', '/v1/audit/head');
    assert.deepEqual(told, [at(body, 'position'), at(body, 'hash')]);
    const [position = '', hash = ''] = told;
    assert.equal((await verifyAudit(db, { kept: [{ position, hash }] })).isWhole, true);
  });
});
