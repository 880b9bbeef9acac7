import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { createAuditTrail } from '../../db/access/audit-entries.js';
import { createTestDatabase } from '../helpers/database.js';
import { insertApiKey } from '../helpers/factories.js';
import { programArguments } from '../helpers/repository.js';

const { db, url } = await createTestDatabase();

/** Runs `npm run audit:verify`. */
const verify = (...kept: string[]): Promise<{ code: number; said: string }> =>
  new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], DATABASE_URL: url };
    execFile(process.execPath, [...programArguments('worker/verify-audit.ts'), ...kept], { env }, (error, out, err) =>
      resolve({ code: Number(error?.code ?? 0), said: out + err }),
    );
  });

test('says that the trail is whole, or names the first break', async () => {
  const { id: apiKey } = await insertApiKey(db);
  const trail = createAuditTrail(db);
  for (const subject of ['one', 'two', 'three'])
    await trail.insert({ apiKey, action: 'a.test', subject, reason: null });
  const { position, hash } = await trail.head();
  const kept = `${position}:${hash}`;
  const whole = await verify(kept);
  assert.deepEqual(whole, { code: 0, said: `The audit trail is whole: 3 entries. Its head is ${kept}\n` });
  const wrong = await verify('newest');
  assert.equal(wrong.code, 1);
  assert.match(wrong.said, /"newest" is no head/);
  await db.raw(
    `alter table audit_entries disable trigger user; update audit_entries set subject = 'other' where id = 2`,
  );
  assert.deepEqual(await verify(), { code: 1, said: 'The audit trail is broken at entry 2. It was changed.\n' });
});
