import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { render } from 'preact-render-to-string';
import { HelpLink } from '../../console/screens/finding-help.js';
import { createTestApi } from '../helpers/app.js';
import { signInWith, textOf } from '../helpers/console.js';

const api = await createTestApi();
const { visitor } = await signInWith(api);

const facts = { severity: 'warning', sentence: '', advice: '', count: 1, since: null } as const;
const TYPES = [
  ...['scoresRejected', 'scoresUndecided', 'scoresDue', 'scoresLate', 'launchNeeded', 'breakerOpen', 'platformPaused'],
  ...['deploymentsPaused', 'lineItemsParked', 'contextsParked', 'contextsPaused', 'scheduleMissing', 'runFailed'],
  ...['backfillsUnapproved', 'backfillsPaused', 'backfillsFailed'],
];
const OF_EVENTS = ['webhookEventsUnmatched', 'webhookEventsExpired', 'webhookEventsInvalid', 'webhookEventsLate'];

describe('what helps against a finding', () => {
  for (const type of [...TYPES, ...OF_EVENTS]) {
    it(`${type} leads to a list that the API takes`, async () => {
      const subject = OF_EVENTS.includes(type) ? 'essay-grader' : 'ScoreRejected';
      const link = HelpLink({ finding: { ...facts, type, subject } });
      assert.ok(link);
      const href = /href="([^"]+)"/.exec(render(link))?.[1]?.replaceAll('&amp;', '&') ?? '';
      const shown = await visitor.get(href);
      assert.equal(shown.status, 200, `${href} ${textOf(shown)}`);
    });
  }

  it('is left to its advice where no list shows it', () => {
    assert.equal(HelpLink({ finding: { ...facts, type: 'queueWithoutWorker', subject: 'passback-submit' } }), null);
  });
});
