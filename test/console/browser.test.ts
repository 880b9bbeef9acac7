import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { createTestApi } from '../helpers/app.js';
import { serveToBrowser, withoutBrowser } from '../helpers/browser.js';
import { insertConsoleCourse } from '../helpers/console-course.js';
import { createSchedules } from '../helpers/console.js';
import { eventually } from '../helpers/database.js';

const api = await createTestApi({ schedules: createSchedules() });
const course = await insertConsoleCourse(api.db);
const { origin, browser } = await serveToBrowser(api.app);

describe('the console in Chromium', { skip: withoutBrowser }, () => {
  async function open(options: BrowserContextOptions = {}): Promise<{ context: BrowserContext; page: Page }> {
    assert.ok(browser);
    const context = await browser.newContext({ baseURL: origin, ...options });
    const page = await context.newPage();
    page.on('console', (said) => {
      // A refused form is an answer of 4xx, which Chromium takes for an error.
      if (said.type() === 'error' && !said.text().includes('Failed to load resource')) throw new Error(said.text());
    });
    return { context, page };
  }
  async function signIn(page: Page, at = '/console'): Promise<void> {
    await page.goto(at);
    await page.getByLabel('API key').fill(api.adminKey);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }
  it('leads from the sign-in to a student and to a retry, by the keyboard alone', async () => {
    const { context, page } = await open();
    await signIn(page);
    await page.getByRole('heading', { name: 'Overview' }).waitFor({ state: 'attached' });
    await page.keyboard.press('/');
    await page.keyboard.type('grace');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'grace' }).waitFor();
    assert.doesNotMatch(page.url(), /grace/);
    await page.getByRole('link', { name: 'Quiz' }).press('Enter');
    await page.getByRole('heading', { name: 'What happened' }).waitFor();
    await page.locator('summary', { hasText: 'Send it again now' }).press('Enter');
    await page.getByRole('textbox', { name: 'Why' }).fill('The student is enrolled now.');
    await page.keyboard.press('Enter');
    await page.getByText('That is done').waitFor();
    const { state } = await api.db('scores').where({ id: course.scores.rejected }).first<{ state: string }>('state');
    assert.equal(state, 'due');
    await context.close();
  });

  it('needs no JavaScript', async () => {
    const { context, page } = await open({ javaScriptEnabled: false });
    await signIn(page, `/console/courses/${course.course}`);
    await page.getByRole('heading', { name: 'Biology <b>101</b>' }).waitFor();
    await page.locator('summary', { hasText: 'Pause' }).click();
    await page.getByRole('textbox', { name: 'Why' }).fill('Exams.');
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Somebody paused it: “Exams.”').waitFor();
    await page.locator('summary', { hasText: /^Resume…/ }).click();
    await page.getByRole('textbox', { name: 'Why' }).fill('Exams are over.');
    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    await page.getByText('The course is resumed').waitFor();
    await context.close();
  });

  it('shows what changed, moves no focus, and leaves alone what is in use', async () => {
    const { context, page } = await open();
    await signIn(page, `/console/scores/${course.scores.submitted}`);
    await page.clock.install();
    await page.reload();
    await page.locator('#verdict').getByText('In the gradebook').waitFor();
    await page.locator('#find').focus();
    await api
      .db('scores')
      .where({ id: course.scores.submitted })
      .update({ state: 'rejected', failure_type: 'ScoreRejected' });
    await page.clock.runFor(6_000);
    await page.locator('#verdict').getByText('The LMS refused this score').waitFor();
    assert.equal(await page.evaluate('document.activeElement.id'), 'find');
    await page.locator('summary', { hasText: 'Send it again now' }).click();
    await page.getByRole('textbox', { name: 'Why' }).fill('half a reas');
    await page.clock.runFor(12_000);
    assert.equal(await page.getByRole('textbox', { name: 'Why' }).inputValue(), 'half a reas');
    await context.close();
  });

  it('copies the answers by one click, and has them without JavaScript too', async () => {
    const at = `/console/scores/${course.scores.held}`;
    const { context, page } = await open();
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
    await signIn(page, at);
    await page.getByRole('button', { name: 'Copy the answer for the student' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    assert.match(String(await page.evaluate('navigator.clipboard.readText()')), /^We have your grade/);
    await context.close();
    const plain = await open({ javaScriptEnabled: false });
    await signIn(plain.page, at);
    await plain.page.locator('summary', { hasText: 'for the LMS administrator' }).click();
    const text = await plain.page.getByRole('textbox', { name: 'The answer for the LMS administrator' }).inputValue();
    assert.match(text, /^LMS canvas-of-the-north, .*user alan/);
    assert.equal(await plain.page.getByRole('button', { name: 'Copy the answer' }).count(), 0);
    await plain.context.close();
  });

  it('asks for nothing while nobody sees it', async () => {
    const { context, page } = await open();
    await signIn(page);
    await page.clock.install();
    await page.reload();
    let asked = 0;
    page.on('request', (request) => {
      if (request.headers()['x-console-refresh'] !== undefined) asked += 1;
    });
    await page.evaluate(`Object.defineProperty(document, 'hidden', { value: true, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'))`);
    await page.clock.runFor(60_000);
    assert.equal(asked, 0);
    await page.evaluate(`Object.defineProperty(document, 'hidden', { value: false });
      document.dispatchEvent(new Event('visibilitychange'))`);
    await eventually('a refresh', () => asked === 1);
    await context.close();
  });

  it('says in place that somebody is signed out, and leads back after the sign-in', async () => {
    const { context, page } = await open();
    const at = `/console/scores/${course.scores.held}`;
    await signIn(page, at);
    await page.clock.install();
    await page.reload();
    await api.db('console_sessions').update({ revoked_at: new Date() });
    await page.clock.runFor(6_000);
    await page.getByText('You are signed out').waitFor();
    await page.getByRole('link', { name: 'Sign in again' }).click();
    await page.getByLabel('API key').fill(api.adminKey);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'alan' }).waitFor();
    assert.equal(new URL(page.url()).pathname, at);
    await context.close();
  });

  it('opens for a link on another site, which comes without the cookie at first', async () => {
    const { context, page } = await open();
    await signIn(page);
    await page.getByRole('heading', { name: 'Overview' }).waitFor({ state: 'attached' });
    await page.goto(`data:text/html,<a href="${origin}/console/scores">scores</a>`);
    await page.getByRole('link', { name: 'scores' }).click();
    await page.getByRole('heading', { name: 'Scores' }).waitFor();
    await context.close();
  });
});
