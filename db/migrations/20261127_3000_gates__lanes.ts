/**
 * The lane moves from the course to the gate, whose sender holds it. What reads from a platform takes a turn for each call,
 * under the same limit as the sender, whichever process it runs in. What somebody removed from the way of a course or a
 * column lets its scores go in the queue.
 */
export const sql = `
alter table gates
  add column lane_token integer not null default 0,
  add column lane_holder integer,
  add column lane_expires_at timestamptz,
  add column sender_share integer not null default 0,
  add column reader_waits_until timestamptz,
  add column failing_context uuid,
  add column failing_several boolean not null default false,
  add check ((lane_holder is null) = (lane_expires_at is null));
comment on column gates.sender_share is 'Calls that the holder of the lane may have under way.';
comment on column gates.reader_waits_until is 'Until then somebody waits for a turn: the sender makes room.';

create table reading_turns (
  id bigint generated always as identity primary key,
  gate uuid not null references gates,
  expires_at timestamptz not null
);
create index reading_turns_gate on reading_turns (gate);

alter table contexts drop column lane_token, drop column lane_holder, drop column lane_expires_at, drop column tended_until,
  add column columns_sought_at timestamptz;
create index contexts_parked_until on contexts (parked_until) where parked_until is not null;
create index line_items_parked_until on line_items (parked_until) where parked_until is not null;
create index score_queue_wanted on score_queue (context) where hold = 'wanted';

-- In two statements: the second sees what a claim that held the rows did to them.
create function release_queue(p_context uuid, p_line_item uuid, p_holds text[]) returns void
language plpgsql as $$
begin
  perform from score_queue where context = p_context and (p_line_item is null or line_item = p_line_item)
    order by score for update;
  update score_queue set hold = null
  where context = p_context and (p_line_item is null or line_item = p_line_item) and hold = any (p_holds);
end
$$;

create function context_released() returns trigger language plpgsql as $$
begin
  perform release_queue(new.id, null, array['context']);
  return null;
end
$$;
create constraint trigger context_released after update on contexts deferrable initially deferred
  for each row when (old.parked_type is not null and new.parked_type is null) execute function context_released();

create function line_item_released() returns trigger language plpgsql as $$
begin
  perform release_queue(new.context, new.id, array['lineItem', 'wanted']);
  return null;
end
$$;
create constraint trigger line_item_released after update on line_items deferrable initially deferred
  for each row when ((old.parked_type is not null and new.parked_type is null)
    or (old.line_item_id is null and new.line_item_id is not null)) execute function line_item_released();
`;
