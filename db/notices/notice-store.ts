import type { Knex } from 'knex';
import type { KeyRing } from '../server/key-ring.js';
import { createNoticeDeliveries, type NoticeDeliveries } from './notice-deliveries.js';
import { createNoticeEndpoints, type NoticeEndpoints } from './notice-endpoints.js';

/** Who is told, and what each was told. */
export interface NoticeStore {
  endpoints: NoticeEndpoints;
  deliveries: NoticeDeliveries;
}

export function createNoticeStore(db: Knex, keyRing: KeyRing): NoticeStore {
  return { endpoints: createNoticeEndpoints(db, keyRing), deliveries: createNoticeDeliveries(db) };
}
