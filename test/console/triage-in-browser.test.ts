import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { createTestApi } from '../helpers/app.js';
import { serveToBrowser, withoutBrowser } from '../helpers/browser.js';
import { createSchedules } from '../helpers/console.js';
import { insertApiKey, insertContext, insertLineItem, insertPlatform, scoreValue } from '../helpers/factories.js';

const api = await createTestApi({ schedules: createSchedules() });
const { db } = api;
const courses = { canvas: await createCourse('canvas'), moodle: await createCourse('moodle') };
const { origin, browser } = await serveToBrowser(api.app);

async function createCourse(platformId: string): Promise<{ context: string; lineItem: string }> {
  const { deployment } = await insertPlatform(db, { platformId });
  const { id: context } = await insertContext(db, { deployment, contextId: `${platformId}-101` });
  const { id: lineItem } = await insertLineItem(db, { context });
  return { context, lineItem };
}

async function fail(place: keyof typeof courses, type: string, count: number, hoursAgo: number): Promise<void> {
  const { context, lineItem } = courses[place];
  await db.raw(
    `insert into scores (context, line_item, user_id, value, changed_at, state, priority, failure_type, updated_at)
     select ?, ?, ? || n, ?, now(), 'rejected', 3, ?, now() - make_interval(hours => ?::int) from generate_series(1, ?::int) n`,
    [context, lineItem, `${type}-${hoursAgo}-`, JSON.stringify(scoreValue()), type, hoursAgo, count],
  );
}

const failedAt = async (place: keyof typeof courses): Promise<number> =>
  (await db('scores').where({ context: courses[place].context, state: 'rejected' })).length;

describe('triage in Chromium', { skip: withoutBrowser }, () => {
  async function open(key: string, javaScriptEnabled = true): Promise<Page> {
    assert.ok(browser);
    const context = await browser.newContext({ baseURL: origin, javaScriptEnabled });
    const page = await context.newPage();
    await page.goto('/console/triage');
    await page.getByLabel('API key').fill(key);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Triage' }).waitFor();
    return page;
  }

  it('retries all that an outage left, over several pages of its list, and nothing else', async () => {
    await fail('canvas', 'ScoreKeepsFailing', 6_000, 5);
    await fail('canvas', 'ScoreKeepsFailing', 4, 30);
    await fail('canvas', 'MemberNotInContext', 2, 5);
    await fail('moodle', 'ScoreKeepsFailing', 3, 5);
    const page = await open(api.adminKey);
    await page.getByText('6,009 scores failed within 7 days.').waitFor();
    const kinds = page.getByRole('region', { name: 'Failed scores by kind of failure and platform' });
    await kinds.getByRole('link', { name: '6,000', exact: true }).click();
    await page.getByRole('link', { name: 'Next page' }).click();
    await page.getByRole('link', { name: 'First page' }).waitFor();
    await page.getByRole('link', { name: 'Retry all 6,000 that match' }).click();

    await page.getByRole('heading', { name: 'Retry all 6,000 that match' }).waitFor();
    await page.getByText('The LMS fails on every try of this score').waitFor();
    // Failed after the count: nobody has agreed to its retry.
    await fail('canvas', 'ScoreKeepsFailing', 1, 0);
    await page.getByRole('textbox', { name: 'Why' }).fill('Canvas is back.');
    await page.getByRole('button', { name: 'Retry all 6,000' }).click();

    await page.getByText('5,000 retried so far. It goes on in the background.').waitFor();
    const [operation = ''] = api.bulk;
    await api.deps.store.bulkOperations.advance(operation);
    await page.getByText('Done: 6,000 retried, 0 skipped, 0 failed.').waitFor();
    assert.equal(new URL(page.url()).pathname, `/console/bulk-operations/${operation}`);
    assert.equal(await failedAt('canvas'), 4 + 2 + 1);
    assert.equal(await failedAt('moodle'), 3);
    const [{ reason } = { reason: '' }] = await db('audit_entries')
      .where({ action: 'scores.retry' })
      .select<{ reason: string }[]>('reason');
    assert.equal(reason, 'Canvas is back.');
    await page.context().close();
  });

  it('needs no JavaScript, and retries the failures of a platform of every kind', async () => {
    const page = await open(api.adminKey, false);
    const platforms = page.getByRole('region', { name: 'Failed scores by platform' });
    await platforms.getByRole('link', { name: 'Retry all 7 at canvas' }).click();
    await page.getByRole('button', { name: 'Retry all 7' }).click();
    await page.getByRole('textbox', { name: 'Why' }).fill('Canvas is back.');
    await page.getByRole('button', { name: 'Retry all 7' }).click();
    await page.getByText('Done: 7 retried, 0 skipped, 0 failed.').waitFor();
    await page.getByRole('link', { name: 'Triage' }).first().click();
    await page.getByText('3 scores failed within 7 days.').waitFor();
    await page.context().close();
  });

  it('shows a key that may only read its platform, and no button', async () => {
    await fail('canvas', 'ScoreRejected', 2, 1);
    const { secret } = await insertApiKey(db, { scopes: ['read'], platforms: ['moodle'] });
    const page = await open(secret);
    await page.getByText('3 scores failed within 7 days.').waitFor();
    assert.equal(await page.getByText('canvas').count(), 0);
    await page.getByRole('link', { name: '3', exact: true }).first().click();
    await page.getByRole('heading', { name: 'Scores' }).waitFor();
    assert.equal(await page.getByText('Retry all').count(), 0);
    await page.context().close();
  });
});
