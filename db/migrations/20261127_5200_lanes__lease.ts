/**
 * The lane itself is the lease: its holder renews it twice a second, and says until when calls begun under it may last.
 * What stood for a living worker, a session's advisory lock, says nothing behind a pooler or after a failover.
 */
export const sql = `
alter table gates add column lane_calls_end_at timestamptz;
update gates set lane_calls_end_at = lane_expires_at;
alter table gates drop column lane_holder,
  add check ((lane_expires_at is null) = (lane_calls_end_at is null));
comment on column gates.lane_expires_at is 'Null: nobody sends. Until then nobody else may take the lane, and calls may begin under it.';
comment on column gates.lane_calls_end_at is 'Every call that was begun under the lane is over by then.';

drop function if exists hold_lane(uuid, integer, integer, integer, integer, integer, integer, boolean);
drop function if exists claim_scores(uuid, integer, integer, integer, uuid);
drop function if exists record_outcomes(uuid, integer, integer, jsonb, text);
`;
