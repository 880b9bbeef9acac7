/** The lane of a gate and what its holder may do, as functions: each must lock the gate's row first and only then look. */
import { pauseOfCourse, pauseOfGate, waitMs } from '../platforms/pausing.js';

/**
 * Found only while the lane stands under the token, and until the end of the transaction nobody else can take it. Several
 * of its holder's statements may share it.
 */
export const FENCE = `perform from gates g
  where g.id = p_gate and g.lane_token = p_token and g.lane_expires_at is not null for share;`;

/** Fills up what may be called at once, to one second's worth. */
const refill = (unspent: string): string => `if g.rate_per_second is not null then
    g.tokens := least(greatest(g.rate_per_second, 1),
      g.tokens + ${unspent} + g.rate_per_second * extract(epoch from t - g.tokens_at));
    g.tokens_at := t;
  end if;`;

/**
 * Lengthens the lane, the only statement that does, and says how many calls may be under way. `target`: how many the sender should have; `starts`: how many
 * it may begin until it asks again. What it has under way stays counted, so that it can only grow into free room. `pauses`
 * grows when something behind the gate was paused by hand. Dropped first, since what it gives once had no such column.
 */
export const HOLD_LANE = `
drop function if exists hold_lane(uuid, integer, integer, integer, integer, integer, integer, integer, boolean);
create or replace function hold_lane(
  p_gate uuid, p_token integer, p_lease_ms integer, p_calls_ms integer, p_in_flight integer, p_want integer,
  p_unspent integer, p_starts integer, p_has_succeeded boolean
) returns table (held boolean, target integer, starts integer, is_probe boolean, wait_ms integer, reason text,
  pauses integer)
language plpgsql as $$
declare
  g gates;
  p record;
  t timestamptz;
  readers integer;
  reader_waits boolean;
begin
  select * into g from gates where id = p_gate and lane_token = p_token and lane_expires_at is not null for no key update;
  held := found;
  target := 0; starts := 0; is_probe := false; wait_ms := 0; reason := null;
  if not held then
    return next;
    return;
  end if;
  t := clock_timestamp();
  pauses := g.pauses;
  ${refill('p_unspent')}

  if p_has_succeeded and g.breaker = 'closed' then
    g.failures_in_row := 0; g.failing_context := null; g.failing_several := false;
  end if;

  ${pauseOfGate('p_gate', 't')} into p;
  if found then
    wait_ms := ${waitMs('p.until', 't')};
    reason := p.reason;
  elsif g.blocked_until > t then
    wait_ms := ceil(extract(epoch from g.blocked_until - t) * 1000);
    reason := coalesce(g.breaker_type, 'PlatformRateLimited');
  elsif g.breaker <> 'closed' then
    reason := coalesce(g.breaker_type, 'PlatformUnavailable');
    if g.probe_until > t then
      wait_ms := ceil(extract(epoch from g.probe_until - t) * 1000);
    elsif p_want > 0 and p_in_flight = 0 then
      g.breaker := 'halfOpen';
      g.probe_until := t + make_interval(secs => p_calls_ms / 1000.0);
      target := 1; starts := 1; is_probe := true; reason := null;
    end if;
  else
    if g.in_flight_cap < g.in_flight_max and g.cap_changed_at < t - interval '10 seconds' then
      g.in_flight_cap := least(g.in_flight_max, g.in_flight_cap + greatest(1, g.in_flight_max / 16));
      g.cap_changed_at := t;
    end if;
    select count(*) into readers from reading_turns r where r.gate = p_gate and r.expires_at > t;
    reader_waits := coalesce(g.reader_waits_until > t, false);
    target := greatest(least(p_want, g.in_flight_cap - readers - reader_waits::integer), 0);
    -- Where one call is all, reader and sender take turns.
    if target = 0 and readers = 0 and not reader_waits then target := least(p_want, 1); end if;
    starts := p_starts;
    if g.rate_per_second is not null then
      starts := least(p_starts, floor(g.tokens)::integer);
      g.tokens := g.tokens - starts;
      if starts = 0 then wait_ms := ceil(1000 / g.rate_per_second); end if;
    end if;
  end if;

  update gates set lane_expires_at = t + make_interval(secs => p_lease_ms / 1000.0),
    lane_calls_end_at = t + make_interval(secs => p_calls_ms / 1000.0), tokens = g.tokens, tokens_at = g.tokens_at, breaker = g.breaker,
    probe_until = g.probe_until, in_flight_cap = g.in_flight_cap, cap_changed_at = g.cap_changed_at,
    sender_share = greatest(target, p_in_flight), failures_in_row = g.failures_in_row,
    failing_context = g.failing_context, failing_several = g.failing_several
  where id = p_gate;
  return next;
end
$$;`;

/** Leave for one call of a reader for a course. Null: ask again after `wait_ms`; the sender makes room meanwhile. */
export const TAKE_TURN = `
drop function if exists take_turn(uuid, integer);
create or replace function take_turn(
  p_gate uuid, p_ttl_ms integer, p_context uuid default null
) returns table (turn bigint, wait_ms integer, reason text)
language plpgsql as $$
declare
  g gates;
  p record;
  t timestamptz;
  readers integer;
  sending integer;
begin
  select * into strict g from gates where id = p_gate for no key update;
  t := clock_timestamp();
  turn := null; wait_ms := 0; reason := null;
  delete from reading_turns r where r.gate = p_gate and r.expires_at <= t;
  -- A process of an earlier release names no course.
  if p_context is null then
    ${pauseOfGate('p_gate', 't')} into p;
  else
    ${pauseOfCourse('p_context', 't')} into p;
  end if;
  if found then
    wait_ms := ${waitMs('p.until', 't')};
    reason := p.reason;
  elsif g.blocked_until > t then
    wait_ms := ceil(extract(epoch from g.blocked_until - t) * 1000);
    reason := coalesce(g.breaker_type, 'PlatformRateLimited');
  elsif g.breaker <> 'closed' and g.probe_until > t then
    wait_ms := ceil(extract(epoch from g.probe_until - t) * 1000);
    reason := coalesce(g.breaker_type, 'PlatformUnavailable');
  else
    ${refill('0')}
    if g.rate_per_second is not null and g.tokens < 1 then
      wait_ms := ceil(1000 * (1 - g.tokens) / g.rate_per_second); reason := 'rate';
    end if;
    select count(*) into readers from reading_turns r where r.gate = p_gate;
    sending := case when g.lane_calls_end_at > t then g.sender_share else 0 end;
    if reason is null and (readers + sending >= g.in_flight_cap
      or (sending > 0 and readers >= greatest(1, g.in_flight_cap / 2))) then
      wait_ms := 100; reason := 'permits';
      g.reader_waits_until := t + interval '1 second';
    end if;
    if reason is null then
      g.tokens := case when g.rate_per_second is null then g.tokens else g.tokens - 1 end;
      if g.breaker <> 'closed' then
        g.breaker := 'halfOpen';
        g.probe_until := t + make_interval(secs => p_ttl_ms / 1000.0);
      end if;
      insert into reading_turns (gate, expires_at)
      values (p_gate, t + make_interval(secs => p_ttl_ms / 1000.0)) returning id into turn;
    end if;
    update gates set tokens = g.tokens, tokens_at = g.tokens_at, reader_waits_until = g.reader_waits_until,
      breaker = g.breaker, probe_until = g.probe_until where id = p_gate;
  end if;
  return next;
end
$$;`;

/**
 * Counts a failure that speaks for what is behind the gate. The breaker opens when a probe fails, and after so many in a row
 * over several courses: what one course meets alone says nothing of the others, unless nothing else was tried.
 */
export const NOTE_GATE_FAILURE = `
create or replace function note_gate_failure(
  p_gate uuid, p_type text, p_context uuid, p_open_at integer, p_rest_ms integer, p_longest_ms integer
) returns text
language plpgsql as $$
declare
  g gates;
  t timestamptz;
begin
  select * into strict g from gates where id = p_gate for no key update;
  t := clock_timestamp();
  g.failures_in_row := g.failures_in_row + 1;
  g.failing_several := g.failing_several or p_context is null
    or (g.failing_context is not null and g.failing_context <> p_context);
  g.failing_context := coalesce(g.failing_context, p_context);
  if g.breaker = 'halfOpen' or (g.breaker = 'closed'
    and (p_open_at <= 1 or (g.failing_several and g.failures_in_row >= p_open_at))) then
    g.breaker_opened_at := coalesce(g.breaker_opened_at, t);
    g.breaker := 'open';
    g.breaker_type := p_type;
    g.blocked_until := greatest(g.blocked_until,
      t + make_interval(secs => least(p_rest_ms * 2 ^ least(g.breaker_times, 20), p_longest_ms) / 1000.0));
    g.breaker_times := g.breaker_times + 1;
    g.probe_until := null;
  end if;
  update gates set failures_in_row = g.failures_in_row, failing_context = g.failing_context,
    failing_several = g.failing_several, breaker = g.breaker, breaker_type = g.breaker_type,
    breaker_opened_at = g.breaker_opened_at, blocked_until = g.blocked_until, breaker_times = g.breaker_times,
    probe_until = g.probe_until
  where id = p_gate;
  return g.breaker;
end
$$;`;

/** A call was answered as it should: what a breaker blocked is open again; what the platform itself asked for stands. */
export const NOTE_GATE_SUCCESS = `
create or replace function note_gate_success(p_gate uuid) returns void
language sql as $$
  update gates set blocked_until = case when breaker = 'closed' then blocked_until end,
    failures_in_row = 0, failing_context = null, failing_several = false, breaker = 'closed', breaker_type = null,
    breaker_opened_at = null, breaker_times = 0, probe_until = null
  where id = p_gate and (failures_in_row > 0 or breaker <> 'closed');
$$;`;
