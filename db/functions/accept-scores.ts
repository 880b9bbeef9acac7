import { SUBMITTED } from '../scores/carried-values.js';
import { changeScores } from '../scores/transitions.js';

/** A score is found by its cell or its id, never by reading them all, however old the planner's statistics are. */
const BY_INDEX = 'set enable_hashjoin = off set enable_mergejoin = off';

/** The scores of cells, a line item and a user at the same place of both arrays, locked in the order of their ids. */
export const LOCK_CELLS = `
create or replace function lock_cells(p_line_items uuid[], p_user_ids text[]) returns table (id uuid, "lineItem" uuid,
  "userId" text, state text, revision integer, value jsonb, submitted jsonb, forced boolean, "changedAt" timestamptz,
  "awaitsNightly" boolean, priority smallint)
language plpgsql ${BY_INDEX} as $$
#variable_conflict use_column
declare
  found uuid[];
begin
  -- Cell by cell, whatever the planner believes: a join may as well read the index of all cells.
  found := array(select c.id from unnest(p_line_items, p_user_ids) as i(line_item, user_id) cross join lateral (
    select s.id from scores s
    where s.line_item = i.line_item and s.user_id = i.user_id and s.superseded_by is null limit 1) c);
  if cardinality(found) = 0 then return; end if;
  return query
  select s.id, s.line_item, s.user_id, s.state, s.revision, s.value, ${SUBMITTED}, s.forced, s.changed_at,
    s.awaits_nightly, s.priority
  from scores s where s.id = any (found) and s.superseded_by is null
  order by s.id
  for update of s;
end
$$;`;

/**
 * The origin of a row (`r`) of a function whose `p_origins` lists those of the call: `source`, `id`, `requestId`. A process of
 * the release before names none.
 */
const ORIGIN = `coalesce(p_origins -> r.origin ->> 'source', 'unknown'), (p_origins -> r.origin ->> 'id')::uuid,
    (p_origins -> r.origin ->> 'requestId')::uuid`;

/**
 * What new values mean to scores that were locked before; gives how many were changed. What a new revision replaces is read
 * as it was before this statement.
 */
export const CHANGE_ACCEPTED = `
drop function if exists change_accepted(jsonb);
create or replace function change_accepted(p_changes jsonb, p_origins jsonb default null) returns integer
language plpgsql ${BY_INDEX} as $$
declare
  changes integer;
begin
  with told as (
    select id, event, value, "changedAt" as changed_at, "awaitsNightly" as awaits_nightly, priority, forced, origin
    from jsonb_to_recordset(p_changes) as i(id uuid, event text, value jsonb, "changedAt" timestamptz,
      "awaitsNightly" boolean, priority smallint, forced boolean, origin integer)
  ), changed as (
    ${changeScores(['accepted', 'alreadyThere', 'renewed', 'repeated'], 'told')}
    returning s.id, s.revision, s.changed_at, t.event, t.origin
  ), noted as (
    insert into score_revisions (score, revision, changed_at, was, source, origin_id, request_id)
    select r.id, r.revision, r.changed_at, (select w.value from scores w where w.id = r.id), ${ORIGIN}
    from changed r where r.event <> 'repeated'
  )
  select count(*) into changes from changed;
  return changes;
end
$$;`;

/** Inserts scores in their order; those whose cell has one by now are left out of what it gives. */
export const INSERT_SCORES = `
drop function if exists insert_scores(jsonb);
create or replace function insert_scores(p_scores jsonb, p_origins jsonb default null)
  returns table (id uuid, "lineItem" uuid, "userId" text, revision integer)
language plpgsql as $$
#variable_conflict use_column
begin
  return query
  with told as (
    select * from jsonb_to_recordset(p_scores) as i(context uuid, "lineItem" uuid, "userId" text, value jsonb,
      "changedAt" timestamptz, priority smallint, "awaitsNightly" boolean, force boolean, origin integer)
  ), inserted as (
    insert into scores as s (context, line_item, user_id, value, changed_at, priority, awaits_nightly, forced)
    select context, "lineItem", "userId", value, "changedAt", priority, "awaitsNightly", force from told
    on conflict do nothing
    returning s.id, s.line_item, s.user_id, s.revision
  ), noted as (
    insert into score_revisions (score, revision, changed_at, source, origin_id, request_id)
    select i.id, i.revision, r."changedAt", ${ORIGIN}
    from inserted i join told r on r."lineItem" = i.line_item and r."userId" = i.user_id
  )
  select i.id, i.line_item, i.user_id, i.revision from inserted i;
end
$$;`;
