/** A webhook source and its events as the console shows them, looked at by what looks at them in the API. */
import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import { createApiStore } from '../../db/api-store.js';
import { DEFAULT_SOURCE_LIMITS } from '../../domain/webhook-source.js';
import { testKeyRing } from './factories.js';
import { graded, namingMapping, STANDARD_SECRET, type GradedEvent } from './webhooks.js';

export interface ConsoleEvents {
  scored: string;
  unmatched: string;
  invalid: string;
  /** Its body is gone. */
  expired: string;
}

/** The name of the source. */
export const CONSOLE_SOURCE = 'essay-grader';

export async function insertConsoleEvents(
  db: Knex,
  of: { platformId: string; contextId: string },
): Promise<ConsoleEvents> {
  const { webhooks } = createApiStore(db, { keyRing: testKeyRing });
  const { sources, events, processor } = webhooks;
  const source = await sources.insert({
    ...{ name: CONSOLE_SOURCE, platforms: [of.platformId], secret: STANDARD_SECRET, limits: DEFAULT_SOURCE_LIMITS },
    ...{ verification: { scheme: 'standardWebhooks' }, mapping: namingMapping(of.platformId) },
  });
  if (!source) throw new Error('not inserted');
  const store = async (eventId: string, event: GradedEvent): Promise<string> => {
    const body = JSON.stringify(event);
    const digest = createHash('sha256').update(body).digest();
    return (await events.store({ source: source.id, eventId, digest, body })).id;
  };
  const { contextId } = of;
  const scored = await store('msg-1', graded({ course: contextId, student: '<b>event</b>' }));
  const unmatched = await store('msg-2 <i>two</i>', graded({ course: 'none' }));
  const invalid = await store('msg-3', graded({ course: contextId, grade: 'seven' }));
  const expired = await store('msg-4', graded({ course: 'never' }));
  await processor.process({ limit: 10 });
  await db('webhook_events')
    .where({ id: expired })
    .update({ state: 'expired', body: null, data_key: null, repeats: 2, differing: 1 });
  return { scored, unmatched, invalid, expired };
}
