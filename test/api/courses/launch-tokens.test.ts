import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import { LtiaasError } from '../../../ltiaas/error.js';
import { createTestApi, problemOf } from '../../helpers/app.js';

const api = await createTestApi();
const { db, call } = api;
const now = Math.floor(Date.now() / 1_000);

test('trades an ltik for its token, and takes the time of the launch from it', async () => {
  const iat = now - 500;
  const ltik = `h.${Buffer.from(JSON.stringify({ iat })).toString('base64url')}.s`;
  api.ltiaas.getIdToken = async (given) => {
    assert.equal(given.ltik, ltik);
    return {
      platform: { id: 'lms', deploymentId: 'd1' },
      launch: { context: { id: 'by-ltik' } },
      services: { assignmentAndGrades: { available: true }, namesAndRoles: { available: false }, serviceKey: 'k' },
    };
  };
  const answer = await call('POST', '/v1/launches', { body: { ltik } });
  assert.equal(answer.status, 201, answer.text);
  const rows = await queryRows<{ launched_at: Date }>(db, 'select launched_at from service_keys');
  assert.deepEqual(rows, [{ launched_at: new Date(iat * 1_000) }]);
});

const failures: [string, ConstructorParameters<typeof LtiaasError>[0], number, string][] = [
  [
    'a refused ltik',
    {
      kind: 'http',
      sent: true,
      method: 'GET',
      route: 'GET /api/idtoken',
      durationMs: 1,
      status: 401,
      code: 'INVALID_LTIK_AUTH_AUTHORIZATION_HEADER',
      answeredBy: 'ltiaas',
    },
    422,
    'ltik-rejected',
  ],
  [
    'an LTIAAS that is not there',
    { kind: 'network', sent: false, method: 'GET', route: 'GET /api/idtoken', durationMs: 1, code: 'ECONNREFUSED' },
    503,
    'ltiaas-unavailable',
  ],
  [
    'an LTIAAS that does not answer',
    { kind: 'timeout', sent: true, method: 'GET', route: 'GET /api/idtoken', durationMs: 1 },
    503,
    'ltiaas-unavailable',
  ],
];

for (const [description, facts, status, type] of failures) {
  test(`answers ${status} for ${description}, without the ltik`, async () => {
    api.ltiaas.getIdToken = async () => Promise.reject(new LtiaasError(facts));
    api.logs.length = 0;
    const answer = await call('POST', '/v1/launches', { body: { ltik: 'secret-ltik' } });
    assert.equal(answer.status, status, answer.text);
    assert.equal(problemOf(answer.body), type);
    assert.ok(!`${answer.text}${api.logs.join('')}`.includes('secret-ltik'));
  });
}
