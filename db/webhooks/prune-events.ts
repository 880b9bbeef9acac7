import { queryRows, type Database } from '../server/knex.js';

export interface PrunedEvents {
  /** Unmatched for too long. */
  expired: number;
  /** Bodies that nobody needs any more. */
  bodies: number;
}

/**
 * Signatures whose time is over, and those that only a secret can have made which is valid no more: all that came before the
 * oldest of today's was added. Without that secret they are refused as it is. A page at a time: the next pass goes on.
 */
const FORGET_SIGNATURES = `
delete from webhook_signatures where (source, digest) in (
  select s.source, s.digest from (
    select source, min(created_at) as since from webhook_secrets group by source
  ) k join webhook_signatures s on s.source = k.source and (s.seen_at < k.since or s.until < now())
  limit 100000)`;

const NO_BODY = 'body = null, data_key = null';

/**
 * Ends what stayed unmatched for too long, and removes bodies whose time is over; the events themselves go with their class
 * (`retention.ts`). Safe to repeat, and from several processes.
 */
export async function pruneEvents(db: Database): Promise<PrunedEvents> {
  const expired = await queryRows(
    db,
    `update webhook_events e set state = 'expired', state_since = now(), ${NO_BODY} from webhook_sources o
     where o.id = e.source and e.state = 'unmatched'
       and e.received_at < now() - make_interval(days => (o.limits ->> 'expireDays')::int) returning 1`,
  );
  const bodies = await queryRows(
    db,
    `update webhook_events e set ${NO_BODY} from webhook_sources o
     where o.id = e.source and e.body is not null and case e.state
       when 'invalid' then e.received_at < now() - make_interval(days => (o.limits ->> 'expireDays')::int)
       when 'scored' then e.state_since < now() - make_interval(days => (o.limits ->> 'keepBodiesDays')::int)
       when 'split' then e.state_since < now() - make_interval(days => (o.limits ->> 'keepBodiesDays')::int)
       when 'ignored' then e.state_since < now() - make_interval(days => (o.limits ->> 'keepBodiesDays')::int)
       else false end returning 1`,
  );
  await db.raw(FORGET_SIGNATURES);
  return { expired: expired.length, bodies: bodies.length };
}
