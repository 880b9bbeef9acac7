import type { SealedPlace } from './vault.js';

interface SealedColumn {
  readonly table: string;
  readonly value: string;
  readonly dataKey: string;
  /** Columns that together name the row, and what it belongs to; they never change. */
  readonly row: readonly string[];
}

/** Every column that holds an encrypted value: what is not here is not carried over when data keys are replaced. */
export const SEALED_COLUMNS = {
  serviceKey: { table: 'service_keys', value: 'ciphertext', dataKey: 'data_key', row: ['id', 'context'] },
  webhookSecret: { table: 'webhook_secrets', value: 'ciphertext', dataKey: 'data_key', row: ['id', 'source'] },
  webhookBody: { table: 'webhook_events', value: 'body', dataKey: 'data_key', row: ['id', 'source'] },
  noticeUrl: { table: 'notice_endpoints', value: 'url_ciphertext', dataKey: 'url_data_key', row: ['id'] },
  noticeSecret: { table: 'notice_secrets', value: 'ciphertext', dataKey: 'data_key', row: ['id', 'endpoint'] },
  personHmacKey: { table: 'person_hmac_keys', value: 'ciphertext', dataKey: 'data_key', row: ['id'] },
  personSubject: { table: 'person_requests', value: 'subject', dataKey: 'data_key', row: ['id', 'platform'] },
  personExport: { table: 'person_export_parts', value: 'ciphertext', dataKey: 'data_key', row: ['request', 'part'] },
  idempotentAnswer: { table: 'idempotency_keys', value: 'body', dataKey: 'data_key', row: ['api_key', 'key'] },
} as const satisfies Record<string, SealedColumn>;

export type SealedColumnName = keyof typeof SEALED_COLUMNS;

/** Where a value stands; `row` in the order of the column's `row`. */
export function sealedPlace(name: SealedColumnName, ...row: readonly string[]): SealedPlace {
  const { table, value } = SEALED_COLUMNS[name];
  return { column: `${table}.${value}`, row: row.join('/') };
}
