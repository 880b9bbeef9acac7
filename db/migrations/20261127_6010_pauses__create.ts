/**
 * What somebody paused by hand: a platform, a deployment or a course. The hold `paused` keeps scores out of the claims until
 * then, which may be never; gates without a course to call are found by the pause itself. `gates.pauses` tells a sender that
 * something behind its gate was paused since it claimed.
 */
export const sql = `
create table pauses (
  id uuid primary key default gen_random_uuid(),
  platform uuid unique references platforms,
  deployment uuid unique references deployments,
  context uuid unique references contexts,
  reason text not null,
  paused_at timestamptz not null default now(),
  until timestamptz not null,
  check (num_nonnulls(platform, deployment, context) = 1)
);
comment on column pauses.until is 'Infinity: until somebody resumes it. Passed: it is over, and its row is tidied up.';

alter table gates add column pauses integer not null default 0;
comment on column gates.pauses is 'Grows when something behind it is paused.';

alter table score_queue drop constraint score_queue_hold_check, drop constraint score_queue_check,
  add constraint score_queue_hold_check
    check (hold in ('night', 'rest', 'unknown', 'context', 'lineItem', 'wanted', 'paused')),
  add constraint score_queue_check
    check ((ready_at is not null) = coalesce(hold in ('rest', 'unknown', 'paused'), false));
`;
