import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { createTestApi, type TestApi } from '../helpers/app.js';
import { insertContext, insertPlatform } from '../helpers/factories.js';

/** An API that listens, with a course `bio-101` of the LMS `lms`, for the tests of a file; gone at its end. */
export interface CliApi {
  api: TestApi;
  url: string;
  /** That of an administrator. */
  env: { PASSBACK_URL: string; PASSBACK_API_KEY: string };
  /** For files that commands read. */
  folder: string;
}

export async function createCliApi(): Promise<CliApi> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'passback-cli-'));
  const api = await createTestApi();
  const { deployment } = await insertPlatform(api.db, { platformId: 'lms' });
  await insertContext(api.db, { deployment, contextId: 'bio-101' });
  const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  after(async () => {
    await api.app.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { api, url, env: { PASSBACK_URL: url, PASSBACK_API_KEY: api.adminKey }, folder };
}
