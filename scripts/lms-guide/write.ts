/** `npm run lms-guide`: writes docs/lms.md and docs/failures.md anew. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { resolveConfig } from 'prettier';
import { makeDocuments } from './documents.js';

const docs = path.join(import.meta.dirname, '..', '..', 'docs');
const options = await resolveConfig(path.join(docs, 'lms.md'));
for (const [name, text] of Object.entries(await makeDocuments(options ?? {}))) {
  writeFileSync(path.join(docs, name), text);
}
