/** Composition root of `npm run keys:rotate`: wraps data keys under the first key of the ring, may replace them, ends. */
import { parseArgs } from 'node:util';
import { ConfigError } from '../config/config.js';
import { loadRotationConfig } from '../config/rotation.js';
import { startProgram } from '../config/start.js';
import { createKnex } from '../db/server/knex.js';
import { findRefusal } from '../db/server/refusals.js';
import { findRingProblems } from '../db/vault/check-ring.js';
import { createKeyRing } from '../db/vault/key-ring.js';
import { replaceDataKeys } from '../db/vault/replace-data-keys.js';
import { listWrappingKeys, rewrapDataKeys } from '../db/vault/rewrap-data-keys.js';

const HELP = `npm run keys:rotate
  Encrypts all data keys under the first key of ENCRYPTION_KEYS. To be run while everything runs, once every process
  has the new key. May be killed and run again at any time.
npm run keys:rotate -- --new-data-keys
  Also gives every platform a new data key, and encrypts all values again.`;

const { env } = startProgram('keys:rotate', process.env, ['DATABASE_URL', 'ENCRYPTION_KEYS']);
const options = readOptions();
const config = loadRotationConfig(env);
const keyRing = createKeyRing(config.encryption.keys.map(({ id, key }) => ({ id, key: key.reveal() })));
const db = createKnex({ url: config.database.url.reveal(), poolMax: 3, applicationName: 'passback keys:rotate' });
try {
  await rotate();
} catch (error) {
  const refusal = findRefusal(error);
  throw refusal === undefined ? error : new ConfigError([`DATABASE_URL ${refusal}`]);
} finally {
  await db.destroy();
}

function readOptions() {
  const options = { 'new-data-keys': { type: 'boolean' }, help: { type: 'boolean' } } as const;
  try {
    const { values } = parseArgs({ options });
    if (!values.help) return values;
    console.log(HELP);
    process.exit(0);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : ''}\n${HELP}`);
    process.exit(2);
  }
}

async function rotate(): Promise<void> {
  const { current } = keyRing;
  const onPage = (count: number): void => console.log(`${counted(count, 'data key')} encrypted under "${current}"`);
  const problems = await findRingProblems(db, keyRing);
  if (problems.length > 0) throw new ConfigError(problems);
  const rewrapped = await rewrapDataKeys(db, keyRing, { onPage });
  if (rewrapped === 0) console.log(`All data keys are encrypted under "${current}".`);
  if (options['new-data-keys']) await replace();
  const used = await listWrappingKeys(db);
  const unused = config.encryption.keys.filter(({ id }) => !used.includes(id)).map(({ id }) => `"${id}"`);
  console.log(
    unused.length === 0
      ? 'Nothing can be removed from ENCRYPTION_KEYS.'
      : `Can be removed from ENCRYPTION_KEYS: ${unused.join(', ')}. Keep them with backups from before.`,
  );
}

async function replace(): Promise<void> {
  const { made, values, deleted, damaged } = await replaceDataKeys(db, keyRing, {
    onPage: (count) => console.log(`${counted(count, 'value')} encrypted again`),
    onWait: () => console.log('Waiting a minute for processes that may still use the data keys before …'),
  });
  console.log(`${counted(made, 'new data key')}, ${counted(values, 'value')} encrypted again, ${deleted} deleted.`);
  for (const [column, count] of Object.entries(damaged)) {
    console.error(`${counted(count, 'value')} of ${column} cannot be decrypted and were left as they are.`);
    process.exitCode = 1;
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
