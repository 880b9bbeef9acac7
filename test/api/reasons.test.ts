import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, createTestApi, problemOf, type Json } from '../helpers/app.js';
import { inlined } from '../helpers/inlined.js';

const UUID = '6f6c1b0a-52c7-4a7e-9a27-2f1f3b1d6a10';
const METHODS = ['POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** What an operator may do without saying why. */
const WITHOUT: Readonly<Record<string, string>> = {
  'POST /v1/service-keys/{id}/check': 'reads, and changes nothing',
  'POST /v1/webhook-sources/{source}/dry-run': 'changes nothing',
  'POST /v1/backfills': 'says why in the address where its body is a file; the route itself insists',
};

const { call, db } = await createTestApi();
const { body: description } = await call('GET', '/openapi.json', { key: null });

const deeds = METHODS.flatMap((method) =>
  Object.entries(at(description, 'paths') ?? {}).flatMap(([path, methods]: [string, Json]) => {
    const operation = at(methods, method.toLowerCase());
    const scope = at(operation, 'x-scope');
    return operation !== undefined && (scope === 'operate' || scope === 'admin') ? [{ method, path, operation }] : [];
  }),
);

test('does nothing for an operator who does not say why', async () => {
  assert.ok(deeds.length > 30, `${deeds.length} deeds`);
  const audited = await db('audit_entries').count();
  for (const { method, path, operation } of deeds) {
    const name = `${method} ${path}`;
    if (name in WITHOUT) continue;
    const query = at(operation, 'parameters');
    const inQuery = Array.isArray(query) ? query.find((one) => at(one, 'name') === 'reason') : undefined;
    const form = inlined(description, at(operation, 'requestBody', 'content', 'application/json', 'schema'));
    const required = method === 'DELETE' ? at(inQuery, 'required') === true : namesRequired(form, 'reason');
    assert.ok(required, `${name} asks for no reason`);
    const url = path
      .replaceAll('{source}', 'grader')
      .replaceAll('{name}', 'nightly-sync')
      .replaceAll(/\{\w+\}/g, UUID);
    for (const body of [undefined, {}]) {
      const answer = await call(method, url, { body: method === 'DELETE' ? undefined : body });
      assert.deepEqual([answer.status, problemOf(answer.body)], [400, 'invalid-request'], `${name} ${answer.text}`);
    }
  }
  assert.deepEqual(await db('audit_entries').count(), audited);
});

test('names the reason where nothing else is missing, whether there is a body or none', async () => {
  for (const body of [undefined, {}, { reason: '' }, { reason: '  \t\n\u00a0\u3000' }]) {
    const answer = await call('POST', `/v1/contexts/${UUID}/resume`, { body });
    assert.deepEqual([answer.status, at(answer.body, 'pointer')], [400, '/reason'], answer.text);
  }
  const deletion = await call('DELETE', `/v1/api-keys/${UUID}`);
  assert.deepEqual([deletion.status, at(deletion.body, 'pointer')], [400, '/reason'], deletion.text);
});

test('takes spaces alone for no reason, and for nobody as an author', async () => {
  const key = await call('POST', '/v1/api-keys', { body: { name: ' ', scopes: ['read'], reason: 'for the test' } });
  assert.deepEqual([key.status, at(key.body, 'pointer')], [400, '/name'], key.text);
  for (const name of ['reason', 'author']) {
    const filter = { platformId: 'https://lms.example' };
    const said = { reason: 'for the test', author: 'somebody', [name]: '   ' };
    const answer = await call('POST', '/v1/backfills', { body: { ...said, action: 'resend', filter } });
    assert.deepEqual([answer.status, at(answer.body, 'pointer')], [400, `/${name}`], answer.text);
    const upload = await call('POST', `/v1/backfills?${new URLSearchParams(said).toString()}`, {
      ...{ headers: { 'content-type': 'text/csv' }, body: 'a,b\n' },
    });
    assert.deepEqual([upload.status, at(upload.body, 'pointer')], [400, `/${name}`], upload.text);
  }
});

test('has no exception for what is not there', () => {
  const names = new Set(deeds.map(({ method, path }) => `${method} ${path}`));
  for (const name of Object.keys(WITHOUT)) assert.ok(names.has(name), name);
});

function namesRequired(schema: Json | undefined, name: string): boolean {
  const required = at(schema, 'required');
  return Array.isArray(required) && required.includes(name);
}
