/** The short form of `npm run chaos -- faults`. Another seed: CHAOS_SEED. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sized } from '../helpers/size.js';
import { runFaultCampaign } from './fault-campaign.js';
import { faultProblemsOf, toFaultReport } from './fault-report.js';

const SCORES = sized({ full: 3_000, quick: 1_000 });
const DURATION_MS = sized({ full: 60_000, quick: 18_000 });
const SEED = Number(process.env['CHAOS_SEED'] ?? 20_261_124);

test('leaves LMSes in trouble alone, loses nothing of theirs and lets none of it reach the others', async (t) => {
  t.diagnostic(`seed ${SEED}`);
  const result = await runFaultCampaign({
    ...{ seed: SEED, scores: SCORES, courses: 6, durationMs: DURATION_MS, settleMs: 180_000 },
    bundlePath: process.env['TEST_WORKFLOW_BUNDLE'],
    print: (text) => t.diagnostic(text),
  });
  t.diagnostic(toFaultReport(result));
  assert.deepEqual(faultProblemsOf(result), []);
  assert.equal(result.handed.posts, SCORES);
  assert.ok(result.faults > 0, 'calls went wrong');
  assert.ok(
    result.pestered.every(({ opening }) => opening > 0),
    'all that was in trouble was wanted',
  );
});
