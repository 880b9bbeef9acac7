import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { readRepositoryFile, root } from '../helpers/repository.js';

test('each claim of docs/security.md names tests that there are', () => {
  const files = readdirSync(path.join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => path.join('test', file));
  const rows = readRepositoryFile('docs/security.md')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (-|Claim|Who )/.test(line));
  assert.ok(rows.length > 20);
  for (const row of rows) {
    const last = row.split('|').at(-2) ?? '';
    const words = [...last.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
    assert.ok(words.length > 0, `shown by nothing: ${row}`);
    for (const word of words)
      assert.ok(
        files.some((file) => file.includes(word)),
        `no test is called ${word}`,
      );
  }
});
