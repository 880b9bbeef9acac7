import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { resolveConfig } from 'prettier';
import { failures } from '../../domain/failure.js';
import { LMS_FAMILIES } from '../../domain/platform.js';
import { familyOf } from '../../ltiaas/family.js';
import { makeDocuments } from '../../scripts/lms-guide/documents.js';
import { notes } from '../../scripts/lms-guide/notes.js';
import { readRepositoryFile, root } from '../helpers/repository.js';

const documents = await makeDocuments((await resolveConfig(path.join(root, 'docs', 'lms.md'))) ?? {});

for (const [name, text] of Object.entries(documents)) {
  test(`docs/${name} is what \`npm run lms-guide\` would write`, () => {
    assert.equal(readRepositoryFile(`docs/${name}`), text, 'npm run lms-guide');
  });
}

test('docs/failures.md has a heading for each failure', () => {
  for (const type of Object.keys(failures))
    assert.match(documents['failures.md'] ?? '', new RegExp(`^### ${type}$`, 'm'));
});

test('a launch is recognized by the code and the address that docs/lms.md gives', () => {
  for (const family of LMS_FAMILIES) {
    const { code, url } = notes[family];
    assert.equal(familyOf({ productFamilyCode: code }), family, code);
    assert.equal(familyOf({ urls: [url] }), family, url);
  }
});

test('the notes name only failures that there are', () => {
  const named = LMS_FAMILIES.flatMap((family) => [...notes[family].does, ...notes[family].know]).flatMap((note) =>
    [...note.matchAll(/`([A-Z][a-z]+(?:[A-Z][a-z]+)+)`/g)].map(([, type = '']) => type),
  );
  assert.ok(named.length > 5);
  assert.deepEqual(
    named.filter((type) => !(type in failures)),
    [],
  );
});
