import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { parseJson, type Json } from '../helpers/app.js';
import { createBackfillRig, toCsv } from '../helpers/backfill-rig.js';
import { openBrowser, withoutBrowser } from '../helpers/browser.js';
import { eventually } from '../helpers/database.js';
import { appliedValues } from '../helpers/journal.js';

const STUDENTS = 24;
const LONG = 60_000;

describe('a backfill in Chromium', { skip: withoutBrowser }, async () => {
  const rig = await createBackfillRig();
  const origin = await rig.app.listen({ host: '127.0.0.1', port: 0 });
  const browser = await openBrowser();
  after(() => browser.close());

  /** Unfolds an action, says why, and does it. */
  async function act(page: Page, name: string): Promise<void> {
    await page.locator('summary', { hasText: `${name}…` }).click({ timeout: LONG });
    const form = page.locator('details.act[open]');
    await form.getByRole('textbox', { name: 'Why' }).fill('A test.');
    await form.getByRole('button', { name }).click();
  }
  const isNow = (page: Page, state: string): Promise<void> =>
    page.locator('#verdict').getByText(state, { exact: true }).waitFor({ timeout: LONG });

  it('goes from the upload to the undo, with the bar moving', async () => {
    const course = await rig.createCourse({ students: STUDENTS });
    const column = { id: course.columns[0] ?? '' };
    await rig.accept(
      course,
      course.students.map((userId) => ({ column, userId, scoreGiven: 5 })),
    );
    await (await rig.send(course)).result();
    /** What the gradebook took, one after the other, of whoever differs from the others. */
    const applied = async (): Promise<Json[]> => {
      const all = [...(await appliedValues(rig, course)).values()].map((values) => JSON.stringify(values));
      return [...new Set(all)].map((values) => parseJson(values));
    };
    const page = await browser.newPage({ baseURL: origin });
    await page.goto('/console/backfills');
    await page.getByLabel('API key').fill(rig.keys.author);
    await page.getByRole('button', { name: 'Sign in' }).click();

    await page.getByRole('link', { name: 'New backfill' }).click();
    await page.getByLabel('Why').fill('One point too few.');
    await page.getByLabel('At most so many a second').fill('2');
    const file = toCsv(
      course,
      course.students.map((userId) => [userId, 6]),
    );
    await page.getByLabel('File').setInputFiles({ name: 'c.csv', mimeType: 'text/csv', buffer: Buffer.from(file) });
    await page.getByRole('button', { name: 'Upload and preview' }).click();
    const first = page.url();
    await isNow(page, 'awaits approval');
    await page.getByRole('img', { name: `0 grades fall and ${STUDENTS} rise` }).waitFor();

    await act(page, 'Approve');
    await page.evaluate('window.isSamePage = true');
    const bar = page.locator('progress');
    const done = async (): Promise<number> => Number(await bar.getAttribute('value'));
    await eventually('the bar has begun to move', async () => (await done()) > 0, LONG);
    const before = await done();
    assert.ok(before < STUDENTS, 'there is some left');
    await eventually('the bar moves on', async () => (await done()) > before, LONG);
    assert.equal(await page.evaluate('window.isSamePage'), true);
    await act(page, 'Pause');
    await isNow(page, 'paused');
    await page.getByText('Somebody paused it: “A test.”').waitFor();
    await act(page, 'Resume');
    await isNow(page, 'finished');
    assert.equal(await done(), STUDENTS);
    assert.deepEqual(await applied(), [[5, 6]]);

    await act(page, 'Undo');
    assert.notEqual(page.url(), first);
    await isNow(page, 'awaits approval');
    await act(page, 'Approve');
    await isNow(page, 'finished');
    assert.deepEqual(await applied(), [[5, 6, 5]]);
  });
});
