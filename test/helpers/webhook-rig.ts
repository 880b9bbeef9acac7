/** The API with a source `grader` of platform `lms`, whose events name course `bio` themselves, and looks into it. */
import assert from 'node:assert/strict';
import { at, createTestApi, textAt, type Json, type TestApi } from './app.js';
import { eventually } from './database.js';
import { insertContext, insertPlatform, type PlatformRow } from './factories.js';
import { createSource, namingMapping, send, signStandard, type GradedEvent } from './webhooks.js';

export interface WebhookRig {
  api: TestApi;
  platform: PlatformRow;
  /** Our uuid of the course. */
  bio: string;
  /** Sends an event and gives what became of it. */
  become: (event: GradedEvent | string, source?: string) => Promise<Json>;
  /** An event as it is shown, once it is as it should be. */
  look: (id: string, isRight: (shown: Json) => boolean) => Promise<Json>;
  scoreOf: (userId: string) => Promise<Json | undefined>;
  /** Until events that wait for a launch or a roster are looked at again. */
  letTimePass: () => Promise<void>;
}

export async function createWebhookRig(): Promise<WebhookRig> {
  const api = await createTestApi({ settings: { webhookIntervalMs: 50 } });
  const { app, db, call } = api;
  const platform = await insertPlatform(db, { platformId: 'lms' });
  const { id: bio } = await insertContext(db, { deployment: platform.deployment, contextId: 'bio' });
  await createSource(api, { name: 'grader', mapping: namingMapping('lms') });

  const look: WebhookRig['look'] = (id, isRight) =>
    eventually('the event', async () => {
      const { body } = await call('GET', `/v1/webhook-events/${id}`);
      return isRight(body) ? body : null;
    });
  return {
    ...{ api, platform, bio, look },
    async become(event, source = 'grader') {
      const body = typeof event === 'string' ? event : JSON.stringify(event);
      const answer = await send(app, source, { body, headers: signStandard(body) });
      assert.equal(answer.status, 202, answer.text);
      return look(textAt(answer.body, 'id'), (shown) => at(shown, 'state') !== 'stored');
    },
    async scoreOf(userId) {
      const { body } = await call('GET', `/v1/scores?userId=${userId}`);
      return at(body, 'scores', 0);
    },
    async letTimePass() {
      await db.raw(`update webhook_events set look_at = now() where state = 'unmatched' and isfinite(look_at)`);
    },
  };
}
