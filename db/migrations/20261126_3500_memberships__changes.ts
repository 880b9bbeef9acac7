export const sql = `
alter table memberships add column standing text not null default 'other'
  check (standing in ('learner', 'staff', 'observer', 'testUser', 'other'));

create table membership_drafts (
  context uuid not null references contexts,
  read integer not null,
  user_id text not null,
  roles text[] not null,
  status text not null check (status in ('Active', 'Inactive', 'Deleted')),
  standing text not null check (standing in ('learner', 'staff', 'observer', 'testUser', 'other')),
  name text,
  email text,
  primary key (context, user_id)
);

create table membership_changes (
  id bigint generated always as identity primary key,
  context uuid not null references contexts,
  user_id text not null,
  change text not null check (change in ('joined', 'left', 'returned', 'roleChanged')),
  status text not null,
  roles_before text[],
  roles_after text[],
  read integer not null,
  at timestamptz not null default now()
);
create index membership_changes_context on membership_changes (context, id);
create index membership_changes_read on membership_changes (context, read, user_id);

create index scores_set_aside on scores (context, user_id) where state in ('held', 'rejected');
`;
