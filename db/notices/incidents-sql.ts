/** What lasts and needs somebody, one row for each thing, from the same facts as health (db/platforms/operations.ts). */
import { isParked, needsLaunch } from '../courses/parking.js';
import { instantText } from '../server/instant-text.js';

const PLACES = `join deployments d on d.id = c.deployment join platforms p on p.id = d.platform`;

/** Our uuids, and the LTI ids that a tool has from its launches. No name, and no student. */
const OF_COURSE = `'platformId', p.platform_id, 'deploymentId', d.deployment_id, 'contextId', c.context_id, 'context', c.id`;

/** A course that needs a launch is told of so, and not as a parked one besides. */
const COURSES = `
select 'launchNeeded', c.id::text, array[p.platform_id], c.context_id, c.parked_at, json_build_object(${OF_COURSE})
from contexts c ${PLACES} where ${needsLaunch('c')}
union all
select 'contextParked', c.id::text, array[p.platform_id], c.context_id, c.parked_at,
  json_build_object(${OF_COURSE}, 'failureType', c.parked_type, 'waiting', (select count(*) from score_queue q
    where q.context = c.id and q.hold is distinct from 'unknown'))
from contexts c ${PLACES} where ${isParked('c')} and c.parked_type <> all (:types::text[])
union all
select 'lineItemParked', l.id::text, array[p.platform_id], c.context_id, l.parked_at,
  json_build_object(${OF_COURSE}, 'lineItem', l.id, 'failureType', l.parked_type, 'waiting', (select count(*)
    from score_queue q where q.context = l.context and q.line_item = l.id and q.hold is distinct from 'unknown'))
from line_items l join contexts c on c.id = l.context ${PLACES} where ${isParked('l')} and l.merged_into is null`;

/** While it is probed a breaker is not closed, and its incident goes on. */
const BREAKERS = `
select 'breakerOpen', p.id::text, array[p.platform_id], null, min(f.breaker_opened_at),
  json_build_object('platformId', p.platform_id, 'platform', p.id,
    'failureType', (array_agg(f.breaker_type order by f.breaker_opened_at))[1])
from gates f join platforms p on p.id = f.platform where f.breaker <> 'closed' group by p.id`;

/** The last night that has ended, or should have: one that is under way says nothing yet of how it ends. */
const NIGHTS = `
select 'nightIncomplete', 'nightly-sync', '{}'::text[], null, r.started_at,
  json_build_object('run', r.id, 'state', r.state, 'trouble', r.trouble, 'startedAt', ${instantText('r.started_at')},
    'endsBy', ${instantText('r.ends_by')})
from (select * from runs r where r.kind = 'nightly'
    and (r.ended_at is not null or r.ends_by < now() - interval '15 minutes')
  order by r.started_at desc limit 1) r where r.state <> 'completed'`;

const BACKFILLS = `
select 'backfillUnapproved', b.id::text, (select array_agg(distinct t.platform_id)
    from backfill_targets t where t.backfill = b.id), null, b.updated_at, json_build_object('backfill', b.id)
from backfills b where b.state = 'awaitingApproval'`;

/** Null platforms: those who hear of all. */
const ENDPOINTS = `
select 'endpointDisabled', o.id::text, o.platforms, null, o.disabled_at,
  json_build_object('endpoint', o.id, 'origin', o.origin, 'disabledBy', o.disabled_by)
from notice_endpoints o where o.disabled_by in ('failures', 'gone')`;

/** As a table of kind, subject, platforms, context_id, since and facts. `:types`: failures of keys. */
export const INCIDENTS = `select * from (${[COURSES, BREAKERS, NIGHTS, BACKFILLS, ENDPOINTS].join('\nunion all\n')})
  as incident(kind, subject, platforms, context_id, since, facts)`;
