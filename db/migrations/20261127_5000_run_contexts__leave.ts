/**
 * A run does not wait for ever: it leaves a course where nothing moves. A course knows its gate, so that what is under way
 * there is one look into a small index, of the open ones alone.
 */
export const sql = `
alter table run_contexts add moved_at timestamptz not null default now(), add left_at timestamptz, add gate uuid;
comment on column run_contexts.moved_at is 'When the run last saw that something moves there.';
comment on column run_contexts.left_at is 'The run waits for it no longer: nothing moved, or the run is over.';
update run_contexts rc set gate = d.gate from contexts c join deployments d on d.id = c.deployment where c.id = rc.context;
update run_contexts rc set left_at = r.ended_at from runs r where r.id = rc.run and rc.settled_at is null;
alter table run_contexts alter gate set not null;
drop index run_contexts_open;
create index run_contexts_unsettled on run_contexts (run, gate) where settled_at is null;
create index run_contexts_open on run_contexts (gate, asked_at) where settled_at is null and left_at is null;
`;
