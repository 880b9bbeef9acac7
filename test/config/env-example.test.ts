import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEnv } from 'node:util';
import { keys } from '../../config/keys.js';
import { readRepositoryFile } from '../helpers/repository.js';

test('.env.example means the same to node --env-file and to compose, with each line taken in', () => {
  const whole = readRepositoryFile('.env.example').replaceAll(/^# (?=[A-Z_]+=)/gm, '');
  const plain = [...whole.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value] as const);
  assert.deepEqual({ ...parseEnv(whole) }, Object.fromEntries(plain));
  assert.deepEqual(plain.map(([name]) => name), Object.keys(keys)); // prettier-ignore
  // Where the two differ: quotes, escapes, variables within values, comments behind them, blanks around them.
  for (const [name, value] of plain) assert.doesNotMatch(value, /["'`\\$#]|^\s|\s$/, name);
});
