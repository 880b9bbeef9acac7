import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ofOpenDecision } from '../../../api/backfills/decision-findings.js';
import { ofAttemptWeeks } from '../../../api/operations/attempt-findings.js';
import { counted } from '../../../domain/finding-words.js';
import { ofEventTrouble } from '../../../api/webhooks/event-findings.js';

const DECISIONS = ['held', 'drift', 'backfillUnapproved', 'backfillPaused', 'backfillFailed'] as const;
const EVENTS = ['unmatched', 'expired', 'invalid', 'late', 'reused'] as const;

const sentencesOf = (count: number): string[] =>
  [
    ...DECISIONS.map((kind) => ofOpenDecision({ platforms: [], kind, subject: 'changed', count, since: new Date() })),
    ...EVENTS.map((kind) => ofEventTrouble({ platforms: null, kind, source: 'grader', count, since: new Date() })),
    ...ofAttemptWeeks({ hasNextWeek: true, astray: count }),
  ].map(({ sentence }) => sentence);

test('a finding of one thing speaks of one, and of two in the plural', () => {
  assert.deepEqual(
    [1, 0, 2].map((count) => counted(count, 'score waits', 'scores wait')),
    ['1 score waits', '0 scores wait', '2 scores wait'],
  );
  for (const sentence of sentencesOf(1)) {
    assert.doesNotMatch(
      sentence,
      /\b1 (scores|grades|backfills|events|rows)\b| (are|were|wait|differ|they|their)\b/,
      sentence,
    );
  }
  for (const sentence of sentencesOf(2)) {
    assert.match(sentence, /\b2 (scores|grades|backfills|events|rows)\b/, sentence);
    assert.doesNotMatch(sentence, / (is previewed|waits|differs|its)\b/, sentence);
  }
});
