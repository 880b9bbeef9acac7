/** PostgreSQL and Temporal are lost, and a backup is restored that was made under load. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { postgresFolder, withoutPostgres } from '../helpers/postgres-programs.js';
import { sized } from '../helpers/size.js';
import { runRestoreCampaign } from './restore-campaign.js';
import { restoreProblemsOf, toRestoreReport } from './restore-report.js';

const SCORES = sized({ full: 2_000, quick: 800 });
const DURATION_MS = sized({ full: 30_000, quick: 12_000 });
const SEED = Number(process.env['CHAOS_SEED'] ?? 20_261_128);

test(
  'loses and disorders nothing when a backup is restored, and repeats only what was sent since it was made',
  { skip: withoutPostgres },
  async (t) => {
    t.diagnostic(`seed ${SEED}`);
    const result = await runRestoreCampaign({
      ...{ seed: SEED, scores: SCORES, durationMs: DURATION_MS, settleMs: 180_000 },
      postgresFolder: postgresFolder ?? '',
      bundlePath: process.env['TEST_WORKFLOW_BUNDLE'],
      print: (text) => t.diagnostic(text),
    });
    t.diagnostic(toRestoreReport(result));
    assert.deepEqual(restoreProblemsOf(result), []);
    assert.equal(result.handed.posts, SCORES);
    assert.ok(result.dueInBackup > 0, 'the backup holds what is due');
    assert.ok(result.handedInAgain > 0, 'something was accepted since the backup began');
  },
);
