/**
 * A pass puts its courses in line once, page by page, and picks from there: no step reads again what waits in all courses.
 * A course in line has no `asked_at` yet.
 */
export const sql = `
alter table runs add planned_to uuid, add planned_at timestamptz;
comment on column runs.planned_to is 'The last course that was looked at for the line.';
comment on column runs.planned_at is 'All courses were looked at.';
alter table run_contexts alter asked_at drop not null, add attempted_at timestamptz;
comment on column run_contexts.attempted_at is 'When it was last attempted before the run: its place in line.';
create index run_contexts_in_line on run_contexts (run, gate, attempted_at nulls first, context) where asked_at is null;
drop index run_contexts_unsettled;
create index run_contexts_unsettled on run_contexts (run, gate) where settled_at is null and asked_at is not null;
drop index run_contexts_open;
create index run_contexts_open on run_contexts (gate, asked_at)
  where settled_at is null and left_at is null and asked_at is not null;
`;
