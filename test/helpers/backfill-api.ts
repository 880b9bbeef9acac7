/** The API with one course, for uploads of backfills; previews run straight in the database. */
import assert from 'node:assert/strict';
import { at, createTestApi, textAt, type Answer, type Json, type TestApi } from './app.js';
import { createBackfillsOfTest } from './backfills.js';
import { insertContext, insertLineItem, insertPlatform, insertServiceKey } from './factories.js';

export const HEAD = 'platformId,contextId,lineItemId,userId,scoreGiven,scoreMaximum';

export function rowOf(userId: string, given: number | string): string {
  return `lms,bio,https://lms.example/quiz,${userId},${given},10`;
}

export interface Previewed {
  id: string;
  kinds: Json;
  problems: Json;
  changes: Json;
}

export interface BackfillApi extends TestApi {
  deployment: string;
  upload: (
    file: string,
    options?: { query?: Record<string, string>; key?: string; headers?: Record<string, string> },
  ) => Promise<Answer>;
  /** Sends bytes as they are. */
  uploadBytes: (bytes: Buffer, type?: string) => Promise<Answer>;
  previewOf: (answer: Answer) => Promise<Previewed>;
}

export async function createBackfillApi(): Promise<BackfillApi> {
  const api = await createTestApi();
  const { db, call } = api;
  const backfills = await createBackfillsOfTest(db);
  const { deployment } = await insertPlatform(db, { platformId: 'lms' });
  const { id: context } = await insertContext(db, { deployment, contextId: 'bio' });
  await insertServiceKey(db, { context });
  await insertLineItem(db, { context, lineItemId: 'https://lms.example/quiz' });
  const pathOf = (query: Record<string, string> = {}): string =>
    `/v1/backfills?${new URLSearchParams({ reason: 'a bug', author: 'Ada', dryRun: 'true', ...query }).toString()}`;

  return {
    ...api,
    deployment,
    upload: (file, { query, key, headers } = {}) =>
      call('POST', pathOf(query), {
        ...(key !== undefined && { key }),
        body: file,
        headers: { 'content-type': 'text/csv', ...headers },
      }),
    async uploadBytes(bytes, type = 'text/csv') {
      const headers = { authorization: `Bearer ${api.adminKey}`, 'content-type': type };
      const response = await api.app.inject({ method: 'POST', url: pathOf(), headers, payload: bytes });
      return {
        ...{ status: response.statusCode, headers: response.headers, text: response.payload },
        body: response.json<Json>(),
      };
    },
    async previewOf(answer) {
      assert.equal(answer.status, 202, answer.text);
      const id = textAt(answer.body, 'id');
      await backfills.preview(id);
      const [one, problems, changes] = await Promise.all([
        call('GET', `/v1/backfills/${id}`),
        call('GET', `/v1/backfills/${id}/problems`),
        call('GET', `/v1/backfills/${id}/changes`),
      ]);
      return {
        id,
        kinds: at(one.body, 'preview', 'kinds') ?? null,
        problems: at(problems.body, 'problems') ?? null,
        changes: at(changes.body, 'changes') ?? null,
      };
    },
  };
}
