import { queryRows, type Database } from '../server/knex.js';

export interface PrunedEvents {
  /** Unmatched for too long. */
  expired: number;
  /** Bodies that nobody needs any more. */
  bodies: number;
}

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
  return { expired: expired.length, bodies: bodies.length };
}
