import { ROSTER_HOLDS } from '../../domain/membership.js';
import { SENDING } from '../scores/carried-values.js';
import { changeScores } from '../scores/transitions.js';
import { keptBackBy } from '../scores/kept-back.js';
import { FENCE } from './lanes.js';

const ROSTER = ROSTER_HOLDS.map((type) => `'${type}'`).join(', ');

/**
 * Records what became of claimed scores, with its evidence, under the lane of their gate. False: the lane was lost, and
 * nothing was recorded. Repeating it changes nothing: only what is still being sent under this very token is recorded.
 *
 * A revision that came while its older one was on the way stays due, unless it holds the same value. Rows are locked in
 * the order of their ids, as everywhere, so that two statements over the same rows wait instead of deadlocking. What the
 * roster keeps back made no call and leaves no attempt; should a newer roster allow it by now, it stays due.
 * `judged` is materialized, or each column that is set would judge anew.
 */
export const RECORD_OUTCOMES = `
create or replace function record_outcomes(
  p_gate uuid, p_token integer, p_outcomes jsonb, p_workflow_run text
) returns boolean
language plpgsql set enable_hashjoin = off set enable_mergejoin = off as $$
begin
  ${FENCE}
  if not found then return false; end if;

  with told as (
    select *, outcome in ('submitted', 'confirmed') as has_arrived,
      coalesce("failureType" in (${ROSTER}), false) as is_by_roster
    from jsonb_to_recordset(p_outcomes) as o(id uuid, outcome text, "failureType" text, excerpt text,
      code text, status integer, "startedAt" timestamptz, "durationMs" integer, "restMs" double precision, "serviceKey" uuid)
  ), locked as (
    select s.id, s.context, s.user_id, s.sending_revision, o.outcome, o.has_arrived, o.is_by_roster,
      o."failureType" as failure_type, o.excerpt as failure_detail, o."restMs" as rest_ms,
      s.revision = s.sending_revision or (s.value = ${SENDING} and not s.forced) as is_newest
    from told o join scores s on s.id = o.id
    where s.state = 'sending' and s.lane_token = p_token
    order by s.id
    for update of s
  ), judged as materialized (
    select l.*, case
      when l.outcome = 'unknown' then 'unknown'
      when l.outcome = 'notBegun' then 'returned'
      when l.is_by_roster then case when l.is_newest and exists (
        select from memberships m where m.context = l.context and m.user_id = l.user_id and ${keptBackBy('m')} is not null)
        then 'held' else 'returned' end
      when not l.is_newest then 'outdated'
      when l.has_arrived then 'delivered'
      when l.outcome = 'rejected' then 'refused'
      when l.outcome = 'held' then 'held'
      else 'rests' end as event
    from locked l
  ), recorded as (
    ${changeScores(['delivered', 'refused', 'held', 'rests', 'unknown', 'returned', 'outdated'], 'judged')}
    returning s.id
  )
  insert into attempts (score, revision, kind, outcome, status, failure_type, code, excerpt, started_at, duration_ms,
    service_key, workflow_run, lane_token)
  select o.id, l.sending_revision, case when o.outcome in ('confirmed', 'held') then 'readBack' else 'submit' end,
    o.outcome, o.status, o."failureType", o.code, o.excerpt, o."startedAt",
    o."durationMs", o."serviceKey", p_workflow_run, p_token
  from told o join locked l on l.id = o.id
  where o.outcome <> 'notBegun' and not o.is_by_roster;
  return true;
end
$$;`;
