export const sql = `
create table platform_limits (
  deployment uuid primary key references deployments,
  in_flight_cap integer not null check (in_flight_cap >= 1),
  in_flight_max integer not null check (in_flight_max >= in_flight_cap),
  rate_per_second real check (rate_per_second > 0),
  tokens real not null default 0,
  tokens_at timestamptz not null default now(),
  cap_changed_at timestamptz not null default now(),
  blocked_until timestamptz,
  failures_in_row integer not null default 0,
  breaker text not null default 'closed' check (breaker in ('closed', 'open', 'halfOpen')),
  breaker_type text,
  breaker_opened_at timestamptz,
  breaker_times integer not null default 0,
  probe_until timestamptz
);

create table permits (
  deployment uuid not null references platform_limits,
  holder integer not null,
  held integer not null check (held >= 0),
  wanted integer not null,
  expires_at timestamptz not null,
  primary key (deployment, holder)
);
`;
