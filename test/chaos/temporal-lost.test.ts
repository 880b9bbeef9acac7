/** Temporal comes back with nothing of what it held. Everything goes on from PostgreSQL. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sized } from '../helpers/size.js';
import { runCampaign } from './campaign.js';
import { problemsOf, toReport } from './report.js';
import { ROUND_OF_LOSS } from './strike-plan.js';

const SCORES = sized({ full: 2_000, quick: 1_000 });
const DURATION_MS = sized({ full: 42_000, quick: 24_000 });
const SEED = Number(process.env['CHAOS_SEED'] ?? 20_261_124);

test('loses, repeats and disorders nothing when all that Temporal held is lost', async (t) => {
  t.diagnostic(`seed ${SEED}`);
  const result = await runCampaign({
    ...{
      seed: SEED,
      round: ROUND_OF_LOSS,
      kills: ROUND_OF_LOSS.length,
      scores: SCORES,
      durationMs: DURATION_MS,
      settleMs: 180_000,
    },
    bundlePath: process.env['TEST_WORKFLOW_BUNDLE'],
    print: (text) => t.diagnostic(text),
  });
  t.diagnostic(toReport(result));
  assert.deepEqual(problemsOf(result), []);
  assert.equal(result.handed.posts, SCORES);
  assert.equal(result.struck.length, ROUND_OF_LOSS.length);
  assert.ok(result.faults > 0, 'calls went wrong');
});
