export const sql = `
create table platforms (
  id uuid primary key default gen_random_uuid(),
  platform_id text not null unique,
  url text,
  product_family_code text,
  family text not null default 'unknown',
  family_set_by text not null default 'guess' check (family_set_by in ('guess', 'operator')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table deployments (
  id uuid primary key default gen_random_uuid(),
  platform uuid not null references platforms,
  deployment_id text not null,
  created_at timestamptz not null default now(),
  unique (platform, deployment_id)
);
`;
