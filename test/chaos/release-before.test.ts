/** An upgrade under load, and the way back: the short form of `npm run chaos -- release`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onlyFull } from '../helpers/size.js';
import { findReleaseBefore, runReleaseCampaign } from './release-before.js';
import { problemsOf, toReport } from './report.js';

const from = findReleaseBefore();
const SCORES = 1_500;

test(
  'loses, repeats and disorders nothing while the release before runs on this schema, is upgraded, and comes back',
  from === undefined ? { skip: 'there is no release before' } : onlyFull,
  async (t) => {
    const result = await runReleaseCampaign({
      ...{ seed: 20_261_124, scores: SCORES, durationMs: 90_000, settleMs: 180_000, from: from ?? '' },
      print: (text) => t.diagnostic(text),
    });
    t.diagnostic(toReport(result));
    assert.deepEqual(problemsOf(result), []);
    assert.equal(result.handed.posts, SCORES);
  },
);
