import type { Knex } from 'knex';
import type { Vault } from '../vault/vault.js';
import { createNoticeDeliveries, type NoticeDeliveries } from './notice-deliveries.js';
import { createNoticeEndpoints, type NoticeEndpoints } from './notice-endpoints.js';

/** Who is told, and what each was told. */
export interface NoticeStore {
  endpoints: NoticeEndpoints;
  deliveries: NoticeDeliveries;
}

export function createNoticeStore(db: Knex, vault: Vault): NoticeStore {
  return { endpoints: createNoticeEndpoints(db, vault), deliveries: createNoticeDeliveries(db) };
}
