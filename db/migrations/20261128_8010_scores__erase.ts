/** A score whose student was erased has come to its end, and leaves the queue for good. */
export const sql = `
alter table scores drop constraint scores_state_check;
alter table scores add constraint scores_state_check
  check (state in ('due', 'sending', 'unknown', 'submitted', 'rejected', 'held', 'superseded', 'erased'));

create or replace function queue_scores() returns trigger
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

  select array_agg(id order by id) filter (where state in ('submitted', 'rejected', 'held', 'superseded', 'erased')),
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
`;
