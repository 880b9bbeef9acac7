/** Endpoints of notices and their messages as the console shows them. */
import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { packNotices } from '../../db/notices/notice-outbox.js';
import { insertNoticeEndpoint } from './notice-endpoints.js';

export interface ConsoleNotices {
  /** It takes nothing. */
  endpoint: string;
  /** To that. */
  delivery: string;
}

export async function insertConsoleNotices(db: Knex): Promise<ConsoleNotices> {
  await insertNoticeEndpoint(db, { description: null });
  const off = await insertNoticeEndpoint(db, { description: '<b>Slack</b>' });
  await db('notice_endpoints').where({ id: off }).update({ disabled_at: new Date(), disabled_by: 'gone' });
  const endpoint = await insertNoticeEndpoint(db, {
    description: 'the pager',
    kinds: ['breakerOpen', 'launchNeeded', 'contextParked', 'nightIncomplete', 'backfillUnapproved'],
  });
  await db('notice_endpoints').where({ id: endpoint }).update({ failures: 4, failing_since: new Date() });
  await db('notices').insert({
    ...{ endpoint, kind: 'breakerOpen', status: 'needsAttention', subject: 'lms', incident: randomUUID() },
    ...{ facts: { platformId: '<i>lms</i>', failureType: 'PlatformUnavailable' }, since: new Date() },
  });
  await db.transaction(packNotices);
  const failed = { state: 'failed', attempts: 4, last_status: 500, last_failure: 'EndpointRefused' };
  await db('notice_deliveries').where({ endpoint }).update(failed);
  const [delivery = ''] = await db('notice_deliveries').where({ endpoint }).pluck<string[]>('id');
  return { endpoint, delivery };
}
