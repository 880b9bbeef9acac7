export const sql = `
create table memberships (
  context uuid not null references contexts,
  user_id text not null,
  roles text[] not null,
  status text not null check (status in ('Active', 'Inactive', 'Deleted')),
  name text,
  email text,
  seen_in_read integer not null,
  missed_reads integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (context, user_id)
);
`;
