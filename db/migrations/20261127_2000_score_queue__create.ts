/**
 * The queue: one narrow row for each unfinished score, with what claiming needs. It is a projection of `scores`, kept by
 * one trigger, so that whoever changes a score changes its place in the queue with it, in the same transaction.
 *
 * `scores` itself has no index that names the state or a time, in its columns or its predicate: sending a score then
 * changes no indexed column, and its row is updated in place.
 */
export const sql = `
create table score_queue (
  score uuid primary key,
  gate uuid not null,
  context uuid not null,
  line_item uuid not null,
  priority smallint not null,
  due_at timestamptz not null,
  hold text check (hold in ('night', 'rest', 'unknown', 'context', 'lineItem', 'wanted')),
  ready_at timestamptz,
  is_claimed boolean not null default false,
  check ((ready_at is not null) = coalesce(hold in ('rest', 'unknown'), false))
) with (fillfactor = 60);
comment on column score_queue.hold is 'Why it cannot be claimed; null: it can, if its course and column are found to be free.';
comment on column score_queue.is_claimed is 'Its call is under way. Not in any index, so that a claim updates the row in place.';
create index score_queue_claimable on score_queue (gate, priority, context, due_at) where hold is null;
create index score_queue_resting on score_queue (gate, ready_at) where ready_at is not null;
create index score_queue_context on score_queue (context);

-- Scores that came to an end that somebody may want to look at: few, and read by their reason or their student.
create table score_troubles (
  score uuid primary key,
  context uuid not null,
  user_id text not null,
  state text not null check (state in ('rejected', 'held')),
  failure_type text not null,
  since timestamptz not null
);
create index score_troubles_context on score_troubles (context, user_id);
create index score_troubles_since on score_troubles (since);
create index score_troubles_type on score_troubles (state, failure_type, since);

drop index scores_current;
create unique index scores_current on scores (line_item, user_id) where superseded_by is null;
drop index scores_due;
drop index scores_held;
drop index scores_rejected;
drop index scores_set_aside;
drop index scores_submitted;
drop index scores_unsettled;

-- Nested loops only: a plan is made once for the session, by the first statement that comes, and must never read all of
-- the queue for the few rows of another.
create function queue_scores() returns trigger
language plpgsql set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  ended uuid[];
  under_way uuid[];
  waiting integer;
  troubled integer;
begin
  if tg_op = 'DELETE' then
    ended := array(select id from before order by id);
    delete from score_queue where score = any (ended);
    delete from score_troubles where score = any (ended);
    return null;
  end if;

  select array_agg(id order by id) filter (where state in ('submitted', 'rejected', 'held', 'superseded')),
    array_agg(id order by id) filter (where state = 'sending'),
    count(*) filter (where state in ('due', 'unknown') or tg_op = 'INSERT'),
    count(*) filter (where state in ('rejected', 'held'))
  into ended, under_way, waiting, troubled from after;

  if under_way is not null then
    update score_queue q set is_claimed = true, hold = null, ready_at = null, priority = a.priority, line_item = a.line_item
    from after a
    where a.state = 'sending' and q.score = a.id
      and (not q.is_claimed or q.hold is not null or q.priority <> a.priority or q.line_item <> a.line_item);
  end if;
  if ended is not null then
    delete from score_queue where score = any (ended);
  end if;
  if waiting > 0 then
    insert into score_queue as q (score, gate, context, line_item, priority, due_at, hold, ready_at, is_claimed)
    select a.id, d.gate, a.context, a.line_item, a.priority, a.due_at, h.hold,
      case when h.hold in ('rest', 'unknown') then a.not_before end, a.state = 'sending'
    from after a
    join contexts c on c.id = a.context
    join deployments d on d.id = c.deployment
    cross join lateral (select case
      when a.state = 'sending' then null
      when a.state = 'unknown' then 'unknown'
      when a.awaits_nightly then 'night'
      when a.not_before > now() then 'rest' end as hold) h
    where a.state in ('due', 'unknown') or (tg_op = 'INSERT' and a.state = 'sending')
    order by a.id
    on conflict (score) do update set gate = excluded.gate, line_item = excluded.line_item, priority = excluded.priority,
      due_at = excluded.due_at, hold = excluded.hold, ready_at = excluded.ready_at, is_claimed = false;
  end if;

  if tg_op = 'UPDATE' then
    delete from score_troubles where score in (select b.id from before b where b.state in ('rejected', 'held'));
  end if;
  if troubled > 0 then
    insert into score_troubles (score, context, user_id, state, failure_type, since)
    select id, context, user_id, state, failure_type, updated_at from after where state in ('rejected', 'held') order by id
    on conflict (score) do update set context = excluded.context, user_id = excluded.user_id, state = excluded.state,
      failure_type = excluded.failure_type, since = excluded.since;
  end if;
  return null;
end
$$;
create trigger queue_inserted after insert on scores referencing new table as after
  for each statement execute function queue_scores();
create trigger queue_updated after update on scores referencing old table as before new table as after
  for each statement execute function queue_scores();
create trigger queue_deleted after delete on scores referencing old table as before
  for each statement execute function queue_scores();

update scores set id = id where state not in ('submitted', 'superseded');
`;
