/** A body may hold several events: each becomes one of its own, which knows the one that it came in. */
export const sql = `
alter table webhook_events add column part_of uuid references webhook_events on delete set null;
create index webhook_events_part_of on webhook_events (part_of) where part_of is not null;
comment on column webhook_events.part_of is 'The event whose body held this one among several.';
alter table webhook_events drop constraint webhook_events_state_check;
alter table webhook_events add constraint webhook_events_state_check
  check (state in ('stored', 'scored', 'ignored', 'split', 'unmatched', 'expired', 'invalid'));
`;
