import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { FUNCTIONS } from '../../db/functions/index.js';
import { MIGRATIONS } from '../../db/migrations/index.js';

/** Of the text that the last entry installs. Whoever changes a function adds an entry, and then this. */
const INSTALLED = { entry: '20261128_8090_functions__install', digest: 'cd66818ee8673e3e' };

test('functions that have changed are installed again by an entry of the migrations', () => {
  const last = MIGRATIONS.findLast(({ sql }) => sql === FUNCTIONS);
  const digest = createHash('sha256').update(FUNCTIONS).digest('hex').slice(0, 16);
  assert.deepEqual({ entry: last?.name, digest }, INSTALLED);
});
