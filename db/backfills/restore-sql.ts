/** The statements by which a backfill puts back what was before an API key wrote. */
import { IS_OF_ORIGINS } from '../scores/revisions-of-key.js';

/** Of a score `s`: its grade taken away. */
export const CLEARED = `(s.value - 'comment' - 'submission') || '{"scoreGiven": null, "clears": true}'`;

/**
 * The page's scores whose newest revision the key brought within the stretch of time, each with the value before. What is
 * put back is what the last one who was not that key, or not then, had written: the key's revisions since then are one
 * stretch that ends with the newest. A revision that came when theirs ended may have an earlier time than one before it.
 */
export const pickRestored = (filtered: string, page: number): string => `
create temporary table picked on commit drop as
with stretch as materialized (
  select (x ->> 'since')::timestamptz as since, coalesce((x ->> 'until')::timestamptz, b.created_at) as until
  from backfills b, lateral (select b.parameters -> 'restore') as p(x) where b.id = :backfill
), written as materialized (
  select distinct r.score from score_revisions r, stretch t where r.at >= t.since and r.at < t.until and ${IS_OF_ORIGINS}
)
select s.seq, s.id, s.line_item, s.context, s.user_id, s.revision, s.changed_at,
  case when backfill_is_final(first.was) then first.was else ${CLEARED} end as value
${filtered}
join written w on w.score = s.id
cross join stretch t
cross join lateral (
  select coalesce(max(r.revision) filter (where not (r.at >= t.since and r.at < t.until and ${IS_OF_ORIGINS})), 0) as kept,
    max(r.revision) as newest
  from score_revisions r where r.score = s.id and r.at >= t.since - interval '1 hour'
) told
cross join lateral (
  select r.was from score_revisions r
  where r.score = s.id and r.at >= t.since - interval '1 hour' and r.revision > told.kept
  order by r.revision limit 1
) first
where b.id = :backfill and told.newest = s.revision and told.kept < told.newest
order by s.seq
limit ${page}`;

export const ADD_RESTORED = `
insert into backfill_items (backfill, line, target, user_id, score_given, score_maximum, expected_revision, changed_at,
  more)
select :backfill::uuid, (select coalesce(max(line), 0) from backfill_items where backfill = :backfill)
    + row_number() over (order by k.seq), t.target, k.user_id, (k.value ->> 'scoreGiven')::double precision,
  (k.value ->> 'scoreMaximum')::double precision, k.revision, k.changed_at, k.value
from picked k join backfill_targets t on t.backfill = :backfill and t.line_item = k.line_item`;
