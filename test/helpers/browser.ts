/** A real Chromium: `CHROMIUM_PATH`, or one on the PATH; none where `CHROMIUM_PATH` is `none`. */
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { after } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { chromium, type Browser } from 'playwright-core';

const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

const found = findChromium();

/** Why tests that need a browser are skipped here; false where there is one. */
export const withoutBrowser = found === undefined && 'needs Chromium: set CHROMIUM_PATH';

/** Whoever opens one closes it. */
export async function openBrowser(): Promise<Browser> {
  if (found === undefined) throw new Error('There is no Chromium here.');
  return chromium.launch({ executablePath: found, args: FLAGS });
}

/** Serves an app, and opens a browser where there is one; both end with the file. */
export async function serveToBrowser(app: FastifyInstance): Promise<{ origin: string; browser: Browser | undefined }> {
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  const browser = found === undefined ? undefined : await openBrowser();
  after(async () => {
    await browser?.close();
    await app.close();
  });
  return { origin, browser };
}

function findChromium(): string | undefined {
  if (process.env['CHROMIUM_PATH'] === 'none') return undefined;
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  const named = folders.flatMap((folder) => ['chromium', 'chromium-browser'].map((name) => path.join(folder, name)));
  return [process.env['CHROMIUM_PATH'] ?? '', ...named].find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return file !== '';
    } catch {
      return false;
    }
  });
}
