export const sql = `
alter table contexts add column grade_policy text not null default 'toolWins'
  check (grade_policy in ('toolWins', 'humanWins', 'ask'));
alter table line_items add column grade_policy text check (grade_policy in ('toolWins', 'humanWins', 'ask'));

alter table scores add column overrides_human boolean not null default false;
alter table scores drop constraint scores_state_check;
alter table scores add constraint scores_state_check
  check (state in ('due', 'sending', 'unknown', 'submitted', 'rejected', 'held', 'superseded'));
alter table scores add constraint scores_held_check check (state <> 'held' or failure_type is not null);

alter table attempts drop constraint attempts_outcome_check;
alter table attempts add constraint attempts_outcome_check
  check (outcome in ('submitted', 'rejected', 'retryable', 'unknown', 'confirmed', 'absent', 'held'));
`;
