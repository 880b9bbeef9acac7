/** The two-minute form of `npm run chaos`. Another seed: CHAOS_SEED. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCampaign } from './campaign.js';
import { problemsOf, toReport } from './report.js';

const SEED = Number(process.env['CHAOS_SEED'] ?? 20_261_124);

test('loses, repeats and disorders nothing while everything is killed in turn and calls go wrong', async (t) => {
  t.diagnostic(`seed ${SEED}`);
  const result = await runCampaign({
    ...{ seed: SEED, kills: 6, scores: 2_000, durationMs: 42_000, settleMs: 60_000 },
    bundlePath: process.env['TEST_WORKFLOW_BUNDLE'],
    print: (text) => t.diagnostic(text),
  });
  t.diagnostic(toReport(result));
  assert.deepEqual(problemsOf(result), []);
  assert.equal(result.handed.posts, 2_000);
  assert.equal(result.struck.length, 6);
  assert.ok(result.faults > 0, 'calls went wrong');
});
