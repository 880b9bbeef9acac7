/** A campaign of kills in which PostgreSQL is behind PgBouncer in transaction mode. Another seed: CHAOS_SEED. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutPgBouncer } from '../helpers/pgbouncer.js';
import { onlyFull } from '../helpers/size.js';
import { runCampaign } from './campaign.js';
import { problemsOf, toReport } from './report.js';
import { ROUND_WITH_POOLER } from './strike-plan.js';

const SCORES = 1_000;
const DURATION_MS = 28_000;
const SEED = Number(process.env['CHAOS_SEED'] ?? 20_261_124);

test(
  'loses, repeats and disorders nothing behind a pooler in transaction mode with four connections',
  { skip: withoutPgBouncer || onlyFull.skip },
  async (t) => {
    t.diagnostic(`seed ${SEED}`);
    const result = await runCampaign({
      ...{ seed: SEED, kills: ROUND_WITH_POOLER.length, scores: SCORES, durationMs: DURATION_MS, settleMs: 180_000 },
      pooledConnections: 4,
      bundlePath: process.env['TEST_WORKFLOW_BUNDLE'],
      print: (text) => t.diagnostic(text),
    });
    t.diagnostic(toReport(result));
    assert.deepEqual(problemsOf(result), []);
    assert.equal(result.handed.posts, SCORES);
    assert.equal(result.struck.length, ROUND_WITH_POOLER.length);
  },
);
