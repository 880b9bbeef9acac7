/**
 * Three short functions, since each must lock the row of the limits first and only then look at what others hold: in one
 * plain statement the sum would come from a snapshot older than the lock.
 */
export const sql = `
create function take_permits(
  p_gate uuid, p_holder integer, p_want integer, p_in_flight integer, p_starts integer, p_ttl_ms integer
) returns table (granted integer, starts integer, wait_ms integer, reason text)
language plpgsql as $$
declare
  l gates;
  t timestamptz;
  others integer;
  others_waiting boolean;
  rivals integer;
  free integer;
begin
  select * into strict l from gates where id = p_gate for update;
  t := clock_timestamp();
  granted := 0; starts := 0; wait_ms := 0; reason := null;

  if l.blocked_until > t then
    wait_ms := ceil(extract(epoch from l.blocked_until - t) * 1000);
    reason := coalesce(l.breaker_type, 'PlatformRateLimited');
  elsif l.breaker <> 'closed' then
    reason := coalesce(l.breaker_type, 'PlatformUnavailable');
    if l.probe_until > t then
      select coalesce(max(held), 0) into granted from permits where gate = p_gate and holder = p_holder;
      wait_ms := ceil(extract(epoch from l.probe_until - t) * 1000);
    elsif p_want > 0 then
      update gates set breaker = 'halfOpen', probe_until = t + make_interval(secs => p_ttl_ms / 1000.0)
        where id = p_gate;
      granted := 1; starts := 1;
    end if;
  else
    if l.in_flight_cap < l.in_flight_max and l.cap_changed_at < t - interval '10 seconds' then
      l.in_flight_cap := l.in_flight_cap + 1;
      update gates set in_flight_cap = l.in_flight_cap, cap_changed_at = t where id = p_gate;
    end if;
    select coalesce(sum(held), 0), count(*), coalesce(bool_or(wanted > held), false)
      into others, rivals, others_waiting
      from permits where gate = p_gate and holder <> p_holder and expires_at > t;
    if others > 0 and l.in_flight_cap - others < p_want then
      -- A killed process gives nothing back, and its connections died with it: its advisory lock tells (worker-holder.ts).
      delete from permits p
        where p.gate = p_gate and p.holder <> p_holder and pg_try_advisory_xact_lock(7228623, p.holder);
      select coalesce(sum(held), 0), count(*), coalesce(bool_or(wanted > held), false)
        into others, rivals, others_waiting
        from permits where gate = p_gate and holder <> p_holder and expires_at > t;
    end if;
    free := greatest(l.in_flight_cap - others, 0);
    granted := least(p_want, free);
    if others_waiting then
      granted := least(granted, greatest(l.in_flight_cap / (rivals + 1), 1));
    end if;
    if granted = 0 and p_want > 0 then
      wait_ms := 1000; reason := 'permits';
    end if;
    starts := p_starts;
    if l.rate_per_second is not null then
      l.tokens := least(greatest(l.rate_per_second, 1), l.tokens + l.rate_per_second * extract(epoch from t - l.tokens_at));
      starts := least(p_starts, floor(l.tokens)::integer);
      update gates set tokens = l.tokens - starts, tokens_at = t where id = p_gate;
      if starts = 0 and p_starts > 0 and reason is null then
        wait_ms := ceil(1000 / l.rate_per_second); reason := 'rate';
      end if;
    end if;
  end if;

  insert into permits as p (gate, holder, held, wanted, expires_at)
  values (p_gate, p_holder, greatest(granted, p_in_flight), p_want, t + make_interval(secs => p_ttl_ms / 1000.0))
  on conflict (gate, holder) do update
    set held = excluded.held, wanted = excluded.wanted, expires_at = excluded.expires_at;
  return next;
end
$$;

create function note_gate_success(p_gate uuid) returns void
language sql as $$
  -- What a breaker blocked is open again; what the platform itself asked for stands.
  update gates set blocked_until = case when breaker = 'closed' then blocked_until end,
    failures_in_row = 0, breaker = 'closed', breaker_type = null, breaker_opened_at = null,
    breaker_times = 0, probe_until = null
  where id = p_gate and (failures_in_row > 0 or breaker <> 'closed');
$$;

create function note_gate_failures(
  p_gate uuid, p_type text, p_count integer, p_open_at integer, p_rest_ms integer, p_longest_ms integer
) returns text
language plpgsql as $$
declare
  l gates;
  t timestamptz;
begin
  select * into strict l from gates where id = p_gate for update;
  t := clock_timestamp();
  l.failures_in_row := l.failures_in_row + p_count;
  if l.breaker = 'halfOpen' or (l.breaker = 'closed' and l.failures_in_row >= p_open_at) then
    l.breaker_opened_at := coalesce(l.breaker_opened_at, t);
    l.breaker := 'open';
    l.breaker_type := p_type;
    l.blocked_until := greatest(l.blocked_until,
      t + make_interval(secs => least(p_rest_ms * 2 ^ least(l.breaker_times, 20), p_longest_ms) / 1000.0));
    l.breaker_times := l.breaker_times + 1;
    l.probe_until := null;
  end if;
  update gates set failures_in_row = l.failures_in_row, breaker = l.breaker, breaker_type = l.breaker_type,
    breaker_opened_at = l.breaker_opened_at, blocked_until = l.blocked_until, breaker_times = l.breaker_times,
    probe_until = l.probe_until
  where id = p_gate;
  return l.breaker;
end
$$;
`;
