import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { createTestApi } from './app.js';
import { serveToBrowser, withoutBrowser } from './browser.js';
import { insertConsoleCourse, listConsolePages } from './console-course.js';
import { createSchedules } from './console.js';

/** `SCREENSHOTS=<folder>` keeps pictures of every screen, to be looked at. */
const pictures = process.env['SCREENSHOTS'];
const WIDTHS = [360, 1280];
/** What may differ between the schemes. */
const OF_COLOURS = ['color-contrast', 'link-in-text-block'];

/** Defines the test of every so-manieth screen: one process for all of them would take longer than any other. */
export async function testScreens({ first, of }: { first: number; of: number }): Promise<void> {
  const api = await createTestApi({ schedules: createSchedules() });
  const course = await insertConsoleCourse(api.db);
  const { origin, browser } = await serveToBrowser(api.app);
  const screens = Object.entries(listConsolePages(course)).filter((_, place) => place % of === first);
  assert.ok(screens.length > 5);

  it('every screen is good for everybody, light and dark', { skip: withoutBrowser }, async () => {
    assert.ok(browser);
    const context = await browser.newContext({ baseURL: origin });
    const page = await context.newPage();
    await page.goto('/console');
    await examine(page, 'sign-in');
    await page.getByLabel('API key').fill(api.adminKey);
    await page.getByRole('button', { name: 'Sign in' }).click();
    for (const [name, at] of screens) {
      await page.goto(at);
      await examine(page, name);
    }
    await context.close();
  });
}

/** Its forms are unfolded, so that they are looked at too; and no name that stands in it makes it wider than a window. */
async function examine(page: Page, name: string): Promise<void> {
  for (const folded of await page.locator('details.act > summary').all()) await folded.click();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    // Its other way opens a page more for each look; it is for frames of other origins, which we have not.
    const axe = new AxeBuilder({ page }).setLegacyMode();
    const { violations } = await (colorScheme === 'light' ? axe : axe.withRules(OF_COLOURS)).analyze();
    assert.deepEqual(
      violations.map(({ id, nodes }) => `${colorScheme} ${name}: ${id} ${nodes.map(({ html }) => html).join(' ')}`),
      [],
    );
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
      assert.equal(await page.evaluate(overflow), 0, `${name} is wider than ${width} pixels`);
      await keepPicture(page, `${width} ${colorScheme} ${name}`);
    }
  }
}

async function keepPicture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: path.join(pictures, `${name.replaceAll(' ', '-')}.png`), fullPage: true });
}
