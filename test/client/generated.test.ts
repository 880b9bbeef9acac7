/**
 * What the client knows of the API is written from its document. After a change of a route or schema write it anew:
 * `UPDATE_CLIENT=1 npm test -- client/generated`
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import prettier from 'prettier';
import { generateClient } from '../../client/generator/generate-client.js';
import { createTestApi } from '../helpers/app.js';
import { readRepositoryFile, root } from '../helpers/repository.js';

const { app } = await createTestApi();
const document: unknown = JSON.parse((await app.inject('/openapi.json')).payload);
const { files } = generateClient(document);

for (const [name, text] of Object.entries(files)) {
  const file = path.posix.join('client', name);
  test(`${file} says what /openapi.json does`, async () => {
    const format = await prettier.resolveConfig(path.join(root, file));
    const written = await prettier.format(text, { ...format, parser: 'typescript' });
    if (process.env['UPDATE_CLIENT'] === '1') writeFileSync(path.join(root, file), written);
    assert.equal(readRepositoryFile(file), written);
  });
}
