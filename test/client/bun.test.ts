/** The built client on Bun: one on the PATH, or `BUN_PATH`. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { createTestApi } from '../helpers/app.js';
import { insertContext, insertLineItem, insertPlatform } from '../helpers/factories.js';
import { buildClient, run } from './built-client.js';

const bun = process.env['BUN_PATH'] ?? 'bun';
const isThere = spawnSync(bun, ['--version']).status === 0;

const PROGRAM = `
import { createClient, isProblem, signWebhook, createWebhookVerifier } from '@passback/client';
const { PASSBACK_URL: url, PASSBACK_API_KEY: apiKey, COLUMN: id } = process.env;
const passback = createClient({ url, apiKey });
async function* scores() {
  for (let n = 0; n < 1_200; n += 1)
    yield { platformId: 'lms', contextId: 'bio', lineItem: { id }, userId: 'u-' + n, scoreGiven: 1, scoreMaximum: 10 };
}
for (const upload of [undefined, 'parts']) {
  let count = 0;
  for await (const { index } of passback.streamScores(scores(), { upload })) count += index === count;
  console.log(count);
}
let listed = 0;
for await (const score of passback.all.listScores({ limit: 500 })) listed += 1;
const refusal = await passback.getScore({ id: '6f6c1b0a-52c7-4a7e-9a27-2f1f3b1d6a10' }).catch((error) => error);
const secret = 'whsec_' + btoa('0123456789abcdef');
const { body } = await createWebhookVerifier(secret).verify('{"a":1}', await signWebhook(secret, '{"a":1}'));
console.log(listed, isProblem(refusal, 'urn:passback:problem:not-found'), body.a);
`;

describe('the client on Bun', { skip: !isThere && 'needs Bun: set BUN_PATH' }, async () => {
  const api = await createTestApi();
  const { deployment } = await insertPlatform(api.db, { platformId: 'lms' });
  const { id: context } = await insertContext(api.db, { deployment, contextId: 'bio' });
  const { line_item_id: column } = await insertLineItem(api.db, { context });
  const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  after(() => api.app.close());
  const { folder } = await buildClient();

  it('sends, reads, tells problems apart, and checks signatures', async () => {
    writeFileSync(path.join(folder, 'on-bun.js'), PROGRAM);
    const env = { PASSBACK_URL: url, PASSBACK_API_KEY: api.adminKey, COLUMN: column ?? '' };
    const { code, output } = await run(bun, ['on-bun.js'], { cwd: folder, env });
    assert.equal(code, 0, output);
    assert.equal(output, '1200\n1200\n1200 true 1\n');
  });
});
