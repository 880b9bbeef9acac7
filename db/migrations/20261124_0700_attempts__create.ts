export const sql = `
create table attempts (
  id bigint generated always as identity primary key,
  score uuid not null references scores,
  revision integer not null,
  kind text not null check (kind in ('submit', 'readBack')),
  outcome text not null check (outcome in ('submitted', 'rejected', 'retryable', 'unknown', 'confirmed', 'absent')),
  status integer,
  failure_type text,
  code text,
  excerpt text,
  started_at timestamptz not null,
  duration_ms integer not null,
  service_key uuid,
  workflow_run text,
  lane_token integer not null
);

create index attempts_score on attempts (score, id);
`;
