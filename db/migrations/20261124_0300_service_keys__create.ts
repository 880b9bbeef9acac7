export const sql = `
create table service_keys (
  id uuid primary key default gen_random_uuid(),
  context uuid not null references contexts,
  resource_link uuid references resource_links,
  ciphertext bytea not null,
  encryption_key_id text not null,
  assignment_and_grades boolean not null,
  names_and_roles boolean not null,
  scopes text[],
  launched_at timestamptz not null,
  rejected_at timestamptz,
  last_ok_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique nulls not distinct (context, resource_link)
);

create index service_keys_resource_link on service_keys (resource_link);
`;
