import type { Notice } from '../../domain/notice-words.js';
import type { DeliveryFailure, DeliveryState, DeliveryType } from '../../domain/notice.js';
import { queryRows, type Database } from '../server/knex.js';
import { ENDPOINT_VISIBLE } from './notice-endpoints.js';

/** One message to one endpoint, and how far it came. */
export interface NoticeDelivery {
  /** Its `webhook-id`, the same in all tries. */
  id: string;
  seq: string;
  endpoint: string;
  type: DeliveryType;
  state: DeliveryState;
  /** How many notices it holds. */
  count: number;
  attempts: number;
  lastStatus: number | null;
  lastFailure: DeliveryFailure | null;
  lastTriedAt: Date | null;
  deliveredAt: Date | null;
  createdAt: Date;
}

interface Visible {
  id: string;
  /** The platform ids that the caller may see; null: all. */
  platforms: readonly string[] | null;
}

export interface NoticeDeliveries {
  /** Newest first. */
  list(page: {
    platforms: readonly string[] | null;
    endpoint?: string | undefined;
    state?: DeliveryState | undefined;
    before: string | null;
    limit: number;
  }): Promise<NoticeDelivery[]>;
  find(visible: Visible): Promise<NoticeDelivery | undefined>;
  /** In the order in which they stand in the message. */
  listNotices(delivery: string): Promise<Notice[]>;
  /** Has it sent once more, under the same id, and at once. */
  resend(delivery: string): Promise<void>;
}

const SELECT = `
select v.id, v.seq, v.endpoint, v.type, v.state, v.attempts, v.last_status as "lastStatus",
  v.last_failure as "lastFailure", v.last_tried_at as "lastTriedAt", v.delivered_at as "deliveredAt",
  v.created_at as "createdAt", (select count(*)::int from notices n where n.delivery = v.id) as count
from notice_deliveries v join notice_endpoints e on e.id = v.endpoint where ${ENDPOINT_VISIBLE}`;

export function createNoticeDeliveries(db: Database): NoticeDeliveries {
  return {
    list: ({ platforms, endpoint, state, before, limit }) =>
      queryRows(
        db,
        `${SELECT} and (:endpoint::uuid is null or v.endpoint = :endpoint::uuid)
           and (:state::text is null or v.state = :state::text) and (:before::bigint is null or v.seq < :before::bigint)
         order by v.seq desc limit :limit`,
        {
          ...{ endpoint: endpoint ?? null, state: state ?? null, before, limit },
          platforms: platforms && [...platforms],
        },
      ),
    async find({ id, platforms }) {
      const bindings = { id, platforms: platforms && [...platforms] };
      return (await queryRows<NoticeDelivery>(db, `${SELECT} and v.id = :id`, bindings))[0];
    },
    listNotices: (delivery) => listNotices(db, delivery),
    async resend(delivery) {
      await db.raw(
        `with again as (update notice_deliveries set state = 'pending', attempts = 0
           where id = :delivery returning endpoint)
         update notice_endpoints e set rest_until = null from again where e.id = again.endpoint`,
        { delivery },
      );
    },
  };
}

export function listNotices(db: Database, delivery: string): Promise<Notice[]> {
  return queryRows(
    db,
    `select id, kind, status, incident, facts, since, created_at as "createdAt" from notices
     where delivery = ? order by seq`,
    [delivery],
  );
}
