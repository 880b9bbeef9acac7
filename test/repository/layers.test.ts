import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { ESLint } from 'eslint';
import { root } from '../helpers/repository.js';

// Only the rules about imports, which need no types: with them one file takes half a minute.
const eslint = new ESLint({
  cwd: root,
  ruleFilter: ({ ruleId }) =>
    ruleId === '@typescript-eslint/no-restricted-imports' ||
    ruleId === '@typescript-eslint/no-import-type-side-effects' ||
    ruleId.startsWith('no-restricted'),
  overrideConfig: { languageOptions: { parserOptions: { projectService: false, project: null } } },
});

/** What the layer rules say to one line in a file of that name; nothing is when they allow it. */
async function complaints(file: string, line: string): Promise<string[]> {
  const [result] = await eslint.lintText(`${line}\n`, { filePath: path.join(root, file) });
  assert.ok(result, file);
  return result.messages.map(({ ruleId, message }) => `${ruleId ?? 'not parsed'}: ${message}`);
}

const forbidden: [string, string][] = [
  ['domain/new.ts', "import { createKnex } from '../db/knex.js';"],
  ['domain/new.ts', "import { readFileSync } from 'node:fs';"],
  ['domain/new.ts', "import path from 'path';"],
  ['domain/new.ts', 'export const now = Date.now();'],
  ['domain/new.ts', 'export const home = process.cwd();'],
  ['workflows/new.ts', "import { readFileSync } from 'node:fs';"],
  ['workflows/new.ts', "import { createActivities } from '../activities/index.js';"],
  ['workflows/new.ts', "import { Client } from '@temporalio/client';"],
  ['workflows/new.ts', 'export const answer = fetch("http://localhost");'],
  ['activities/new.ts', "import { createLanes } from '../db/courses/lanes.js';"],
  ['activities/new.ts', "import { createLtiaasClient } from '../ltiaas/client.js';"],
  ['activities/new.ts', "import { createScoreSource, type ScoreSource } from '../tool/score-source.js';"],
  ['activities/new.ts', "import { type LaneStore } from '../db/courses/lanes.js';"],
  ['activities/new.ts', "import '../db/courses/lanes.js';"],
  ['activities/new.ts', "import type { Config } from '../config/config.js';"],
  ['activities/new.ts', "import { proxyActivities } from '@temporalio/workflow';"],
  ['db/new.ts', "import { loadConfig } from '../config/config.js';"],
  ['ltiaas/new.ts', "import type { Database } from '../db/knex.js';"],
  ['metrics/new.ts', "import type { ApiStore } from '../db/api-store.js';"],
  ['config/new.ts', "import { SCORE_STATES } from '../domain/score.js';"],
  ['api/routes/new.ts', "import { createLanes } from '../../db/courses/lanes.js';"],
  ['api/new.ts', "import { createLanes } from '../db/courses/lanes.js';"],
  ['api/new.ts', "import { classify } from '../ltiaas/classify.js';"],
  ['api/new.ts', "import { createApiStore, type ApiStore } from '../db/api-store.js';"],
  ['api/new.ts', "import { type ApiStore } from '../db/api-store.js';"],
  ['api/new.ts', "import type { ScoreSource } from '../tool/score-source.js';"],
  ['api/new.ts', "import { Client } from '@temporalio/client';"],
  ['api/new.ts', "import knex from 'knex';"],
  ['api/temporal/workflow-client.ts', "import { createLanes } from '../../db/courses/lanes.js';"],
  ['api/new.ts', "import './server.js';"],
  ['api/new.ts', "import { consolePlugin } from '../console/console.js';"],
  ['console/new.ts', "import { createCallers } from '../api/callers.js';"],
  ['console/screens/new.tsx', "import { createConsoleSessions } from '../../db/access/console-sessions.js';"],
  ['console/new.ts', "import knex from 'knex';"],
  ['client/new.ts', "import { problemCatalogue } from '../api/problems.js';"],
  ['client/new.ts', "import { setTimeout } from 'node:timers/promises';"],
  ['client/new.ts', "import Type from 'typebox';"],
  ['client/new.ts', 'export const bytes = Buffer.alloc(1);'],
  ['cli/commands/new.ts', "import { problemCatalogue } from '../../api/problems.js';"],
  ['cli/commands/new.ts', "import { createClient } from '../../client/index.js';"],
  ['cli/new.ts', "import { request } from 'undici';"],
  ['sandbox/new.ts', "import { classify } from '../ltiaas/classify.js';"],
  ['dev/new.ts', "import '../worker/main.js';"],
  ['dev/new.ts', "import './seed.js';"],
  ['dev/new.ts', "import { createKnex } from '../db/server/knex.js';"],
  ['bench/new.ts', "import { createRig } from '../test/helpers/rig.js';"],
  ['examples/new/new.js', "import { createClient } from '../../client/index.js';"],
  ['dev/new.ts', "import '../examples/express/tool.js';"],
  ['worker/new.ts', "import { createRig } from '../test/helpers/rig.js';"],
];

for (const [file, line] of forbidden) {
  test(`${file} is refused: ${line}`, async () => {
    const found = await complaints(file, line);
    assert.ok(found.length > 0);
    for (const complaint of found) assert.match(complaint, /^(@typescript-eslint\/)?no-(restricted|import-type)-/);
  });
}

const allowed: [string, string][] = [
  ['domain/new.ts', "import type { ScoreValue } from './score.js';"],
  ['workflows/new.ts', "import { NO_COUNTS } from '../domain/sync-counts.js';"],
  ['workflows/new.ts', "import type { Activities } from '../activities/index.js';"],
  ['activities/new.ts', "import { failureOf } from '../domain/failure.js';"],
  ['db/new.ts', "import { PRIORITY } from '../domain/score.js';"],
  ['activities/new.ts', "import type { LaneStore } from '../db/courses/lanes.js';"],
  ['activities/read/new.ts', "import type { LtiaasClient } from '../../ltiaas/client.js';"],
  ['activities/new.ts', "import type { ScoreSource } from '../tool/score-source.js';"],
  ['api/routes/new.ts', "import { SCORE_STATES } from '../../domain/score.js';"],
  ['api/new.ts', "import type { ApiStore } from '../db/api-store.js';"],
  ['api/routes/new.ts', "import type { IdToken } from '../../ltiaas/payloads.js';"],
  ['api/temporal/workflow-client.ts', "import { TASK_QUEUES } from '../../workflows/names.js';"],
  ['api/app.ts', "import { consolePlugin } from '../console/console.js';"],
  ['console/new.ts', "import type { Callers } from '../api/callers.js';"],
  ['console/screens/new.tsx', "import { ScoreSchema } from '../../api/schemas/score.js';"],
  ['worker/new.ts', "import { createLanes } from '../db/courses/lanes.js';"],
  ['client/new.ts', "import { toLines } from './lines.js';"],
  ['cli/new.ts', "import { createClient } from './passback-client.js';"],
  ['cli/passback-client.ts', "export * from '../client/index.js';"],
  ['dev/new.ts', "import { createSandboxControl } from '../sandbox/control-client.js';"],
  ['dev/repl.ts', "import { createKnex } from '../db/server/knex.js';"],
  ['examples/new/new.js', "import { createClient } from '@passback/client';"],
  ['test/db/new.ts', "import { createLanes } from '../../db/courses/lanes.js';"],
];

for (const [file, line] of allowed) {
  test(`${file} is let: ${line}`, async () => {
    assert.deepEqual(await complaints(file, line), []);
  });
}
