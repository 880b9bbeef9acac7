import type { Knex } from 'knex';
import {
  NOTICES_PER_DELIVERY,
  type DeliveryFailure,
  type DeliveryType,
  type NoticeFormat,
} from '../../domain/notice.js';
import type { Notice } from '../../domain/notice-words.js';
import { queryRows, type Database } from '../server/knex.js';
import { DecryptionError } from '../vault/decryption-error.js';
import type { Vault } from '../vault/vault.js';
import { listNotices } from './notice-deliveries.js';
import { revealEndpoint } from './notice-endpoints.js';

/** A message that is to be sent, with all that sending it needs. */
export interface DueDelivery {
  id: string;
  type: DeliveryType;
  format: NoticeFormat;
  createdAt: Date;
  notices: Notice[];
  /** Null: they cannot be decrypted. */
  target: { url: string; secrets: string[] } | null;
}

export interface FailedTry {
  endpoint: string;
  delivery: string;
  status: number | null;
  failure: DeliveryFailure;
  /** The first rest after a failure; each further one in a row makes it three times as long, up to an hour. */
  firstRestMs: number;
}

export interface NoticeOutbox {
  /** Endpoints with something to send, that neither rest nor are switched off. */
  listWaiting(): Promise<string[]>;
  /** The next message for an endpoint; without one, in how many milliseconds to look again: null is never. */
  findNext(endpoint: string): Promise<{ delivery: DueDelivery } | { delivery: null; nextInMs: number | null }>;
  noteDelivered(sent: { endpoint: string; delivery: string; status: number }): Promise<void>;
  /** An endpoint that has failed for days, or says that it is gone, is switched off, and what it did not take is given up. */
  noteFailed(failed: FailedTry): Promise<void>;
}

/** Of nothing but failures: then an endpoint is switched off, and a message that fails alone is given up. */
const GIVE_UP_AFTER = `interval '3 days'`;
/** The power of three after which all rests are an hour long. */
const MOST_POWER = 12;

export function createNoticeOutbox(db: Knex, vault: Vault): NoticeOutbox {
  return {
    async listWaiting() {
      const rows = await queryRows<{ id: string }>(
        db,
        `select e.id from notice_endpoints e where e.disabled_at is null and coalesce(e.rest_until <= now(), true)
           and exists (select from notice_deliveries v where v.endpoint = e.id and v.state = 'pending') order by e.seq`,
      );
      return rows.map(({ id }) => id);
    },
    findNext: (endpoint) => findNext(db, vault, endpoint),
    noteDelivered: ({ endpoint, delivery, status }) =>
      db.transaction(async (trx) => {
        await trx.raw(
          'update notice_endpoints set failures = 0, failing_since = null, rest_until = null where id = ?',
          [endpoint],
        );
        await trx.raw(
          `update notice_deliveries set state = 'delivered', attempts = attempts + 1, last_status = :status,
             last_failure = null, last_tried_at = now(), delivered_at = now() where id = :delivery`,
          { delivery, status },
        );
      }),
    noteFailed: (failed) => db.transaction((trx) => noteFailed(trx, failed)),
  };
}

/** Least tried first: one message that is refused for itself does not stand before the others. */
async function findNext(db: Database, vault: Vault, endpoint: string): ReturnType<NoticeOutbox['findNext']> {
  const [row] = await queryRows<Omit<DueDelivery, 'notices' | 'target'> & { restMs: number | null }>(
    db,
    `select v.id, v.type, e.format, v.created_at as "createdAt",
       greatest(ceil(extract(epoch from e.rest_until - now()) * 1000), 0)::double precision as "restMs"
     from notice_endpoints e cross join lateral (
       select * from notice_deliveries v where v.endpoint = e.id and v.state = 'pending'
       order by v.attempts, v.seq limit 1) v
     where e.id = ? and e.disabled_at is null`,
    [endpoint],
  );
  if (!row) return { delivery: null, nextInMs: null };
  const { restMs, ...delivery } = row;
  if (restMs !== null && restMs > 0) return { delivery: null, nextInMs: restMs };
  const notices = await listNotices(db, delivery.id);
  try {
    const target = await revealEndpoint(db, vault, endpoint);
    return target ? { delivery: { ...delivery, notices, target } } : { delivery: null, nextInMs: null };
  } catch (error) {
    if (!(error instanceof DecryptionError)) throw error;
    return { delivery: { ...delivery, notices, target: null } };
  }
}

async function noteFailed(trx: Database, { firstRestMs, ...failed }: FailedTry): Promise<void> {
  const [endpoint] = await queryRows<{ isOff: boolean }>(
    trx,
    `update notice_endpoints set failures = failures + 1, failing_since = coalesce(failing_since, now()),
       rest_until = now() + least(:firstRestMs * power(3, least(failures, ${MOST_POWER})), 3600000) * interval '1 millisecond',
       disabled_at = case when ${SWITCHES_OFF} then now() else disabled_at end,
       disabled_by = case when disabled_by is not null then disabled_by when :failure = 'EndpointGone' then 'gone'
         when ${SWITCHES_OFF} then 'failures' end
     where id = :endpoint returning disabled_at is not null as "isOff"`,
    { ...failed, firstRestMs },
  );
  await trx.raw(
    `update notice_deliveries set attempts = attempts + 1, last_status = :status, last_failure = :failure,
       last_tried_at = now(),
       state = case when created_at < now() - ${GIVE_UP_AFTER} then 'failed' else state end where id = :delivery`,
    { ...failed },
  );
  if (!endpoint?.isOff) return;
  await trx.raw(`update notice_deliveries set state = 'failed' where endpoint = ? and state = 'pending'`, [
    failed.endpoint,
  ]);
}

const SWITCHES_OFF = `(disabled_at is null and (:failure = 'EndpointGone' or failing_since < now() - ${GIVE_UP_AFTER}))`;

/**
 * Puts all notices that are in no message into messages: of each endpoint those of one type, so many to a message. In the
 * transaction that made them.
 */
export async function packNotices(trx: Database): Promise<void> {
  await trx.raw(
    `with loose as materialized (
       select n.id, n.endpoint, t.type,
         (row_number() over (partition by n.endpoint, t.type order by n.seq) - 1) / ${NOTICES_PER_DELIVERY} as part
       from notices n cross join lateral (select case n.kind when 'scoreOutcome' then 'outcomes'
         when 'scoresRejected' then 'digest' else 'attention' end as type) t
       where n.delivery is null),
     parts as materialized (
       select gen_random_uuid() as id, endpoint, type, part from loose group by endpoint, type, part),
     made as (
       insert into notice_deliveries (id, endpoint, type) select id, endpoint, type from parts order by endpoint, type, part)
     update notices n set delivery = p.id from loose l join parts p using (endpoint, type, part) where n.id = l.id`,
  );
}
