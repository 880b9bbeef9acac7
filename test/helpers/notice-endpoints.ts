/** Endpoints of notices, and what they were told, read from the database. */
import type { Knex } from 'knex';
import { createNoticeEndpoints, type NewNoticeEndpoint } from '../../db/notices/notice-endpoints.js';
import { queryRows } from '../../db/server/knex.js';
import { NOTICE_KINDS } from '../../domain/notice.js';
import { sayNotice, type Notice } from '../../domain/notice-words.js';
import { createTestVault } from './factories.js';

export const NOTICE_SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;

/** One that hears of everything, unless it is said otherwise. */
export async function insertNoticeEndpoint(db: Knex, change: Partial<NewNoticeEndpoint> = {}): Promise<string> {
  const { id } = await createNoticeEndpoints(db, createTestVault()).insert({
    ...{ url: 'https://tool.example', secret: NOTICE_SECRET, format: 'standard-webhooks', kinds: NOTICE_KINDS },
    ...{ platforms: null, platformId: null, contextId: null, digestMinutes: 1_440, description: null, ...change },
  });
  return id;
}

export interface Told extends Notice {
  delivery: string | null;
  sentence: string;
}

/** In the order in which it was told. */
export async function listTold(db: Knex, endpoint: string): Promise<Told[]> {
  const rows = await queryRows<Omit<Told, 'sentence'>>(
    db,
    `select id, delivery, kind, status, incident, facts, since, created_at as "createdAt" from notices
     where endpoint = ? order by seq`,
    [endpoint],
  );
  return rows.map((row) => ({ ...row, sentence: sayNotice(row).sentence }));
}
