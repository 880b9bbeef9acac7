import { isParked, isSetAside } from '../courses/parking.js';
import { isPaused, pausedUntil } from '../platforms/pausing.js';
import { SUBMITTED } from '../scores/carried-values.js';
import { changeScores } from '../scores/transitions.js';
import { keptBackBy } from '../scores/kept-back.js';
import { FENCE } from './lanes.js';

/**
 * Claims the next scores of a gate under its lane: the most urgent first, then a few of each course in turn, those first
 * whose turn comes after `p_after`. What turns out not to be free (its course or column is set aside, the column has no
 * id yet, or somebody paused it) is put on hold instead, each row once, so that it costs no later claim anything.
 *
 * Rows are locked first and judged by a later statement: whoever frees a course or column locks the same rows, so that
 * either he sees the hold, or the judgement sees what he did. Whoever pauses or resumes takes the gate's row from all that
 * claim under it. Nothing here waits for another lock, so nothing deadlocks.
 *
 * One row tells that the lane was lost (`held` is false); rows without `id` name courses with a column to be found.
 */
export const CLAIM_SCORES = `
create or replace function claim_scores(
  p_gate uuid, p_token integer, p_limit integer, p_after uuid
) returns table (held boolean, id uuid, context uuid, revision integer, "lineItem" uuid, "lineItemId" text, "userId" text,
  value jsonb, submitted jsonb, tries integer, "isProbe" boolean, "failsAlone" boolean, "gradePolicy" text,
  "isDecided" boolean, "keptBackBy" text)
language plpgsql set enable_hashjoin = off set enable_mergejoin = off as $$
#variable_conflict use_column
declare
  nobody constant uuid := '00000000-0000-0000-0000-000000000000';
  picked uuid[] := '{}';
  more uuid[];
  urgency smallint;
  course uuid;
  last_course uuid;
  is_second_lap boolean;
  has_picked boolean;
  has_pauses boolean;
  each integer;
begin
  ${FENCE}
  if not found then
    held := false;
    return next;
    return;
  end if;

  update score_queue q set hold = null, ready_at = null
  where q.score in (select r.score from score_queue r
    where r.gate = p_gate and r.ready_at <= now() and r.hold in ('rest', 'paused')
    order by r.ready_at limit 1000 for update skip locked);
  has_pauses := exists (select from pauses z where z.until > now());
  -- What is not read back meanwhile does not count as ready either.
  if has_pauses then
    update score_queue q set ready_at = ${pausedUntil('c')}
    from contexts c where c.id = q.context and q.score in (select r.score from score_queue r join contexts c on c.id = r.context
      where r.gate = p_gate and r.ready_at <= now() and r.hold = 'unknown' and ${isPaused('c')}
      order by r.ready_at limit 1000 for update of r skip locked);
  end if;

  urgency := -1;
  while cardinality(picked) < p_limit loop
    select q.priority into urgency from score_queue q
    where q.gate = p_gate and q.hold is null and not q.is_claimed and q.priority > urgency order by q.priority limit 1;
    exit when not found;
    each := 4;
    has_picked := true;
    while has_picked and cardinality(picked) < p_limit loop
      has_picked := false;
      is_second_lap := false;
      last_course := coalesce(p_after, nobody);
      while cardinality(picked) < p_limit loop
        select q.context into course from score_queue q
        where q.gate = p_gate and q.hold is null and q.priority = urgency and q.context > last_course
          and not q.is_claimed
          and (not is_second_lap or q.context <= coalesce(p_after, nobody))
        order by q.context limit 1;
        if not found then
          exit when is_second_lap or p_after is null;
          is_second_lap := true;
          last_course := nobody;
          continue;
        end if;
        last_course := course;
        more := array(
          select q.score from score_queue q join scores s on s.id = q.score
          where q.gate = p_gate and q.hold is null and q.priority = urgency and q.context = course and not q.is_claimed
            and s.state = 'due' and not (q.score = any (picked))
          order by q.due_at limit least(each, p_limit - cardinality(picked)) for update of q, s skip locked);
        if cardinality(more) > 0 then
          picked := picked || more;
          has_picked := true;
        end if;
      end loop;
      each := each * 4;
    end loop;
  end loop;
  if cardinality(picked) = 0 then return; end if;

  return query
  with judged as (
    select q.score, q.context, case when has_pauses then ${pausedUntil('c')} end as paused_until, case
      when has_pauses and ${isPaused('c')} then 'paused'
      when ${isSetAside('c')} then 'context'
      when l.line_item_id is null then 'wanted'
      when ${isSetAside('l')} then 'lineItem'
      when ${isParked('c')} and (row_number() over (partition by q.context order by q.priority, q.due_at, q.score) > 1
        or exists (select from score_queue o where o.context = q.context and o.is_claimed)) then 'context'
      when ${isParked('l')} and (row_number() over (partition by q.line_item order by q.priority, q.due_at, q.score) > 1
        or exists (select from score_queue o where o.context = q.context and o.line_item = q.line_item and o.is_claimed))
        then 'lineItem' end as hold
    from score_queue q join contexts c on c.id = q.context join line_items l on l.id = q.line_item
    where q.score = any (picked)
  ), put_on_hold as (
    update score_queue q set hold = j.hold, ready_at = case when j.hold = 'paused' then j.paused_until end
    from judged j where q.score = j.score and j.hold is not null
  ), free as (
    select j.score as id, p_token as lane_token from judged j where j.hold is null
  ), claimed as (
    ${changeScores('claimed', 'free')}
    returning s.id, s.context, s.revision, s.line_item, s.user_id, s.value, s.submitted, s.submitted_revision, s.tries, s.due_at,
      s.overrides_human
  ), told as (
  select true as held, s.id, s.context, s.revision, s.line_item, l.line_item_id, s.user_id, s.value,
    ${SUBMITTED} as submitted, s.tries,
    ${isParked('l')} or ${isParked('c')} as is_probe,
    s.tries >= 4 and exists (select from scores o where o.line_item = s.line_item and o.submitted_at > s.due_at)
      as fails_alone,
    coalesce(l.grade_policy, c.grade_policy) as grade_policy, s.overrides_human as is_decided,
    case when not s.overrides_human then ${keptBackBy('m')} end as kept_back_by
  from claimed s
  join line_items l on l.id = s.line_item
  join contexts c on c.id = s.context
  left join memberships m on m.context = s.context and m.user_id = s.user_id
  union all
  select distinct true, null::uuid, j.context, null::integer, null::uuid, null::text, null::text, null::jsonb, null::jsonb,
    null::integer, null::boolean, null::boolean, null::text, null::boolean, null::text
  from judged j where j.hold = 'wanted'
  )
  select t.held, t.id, t.context, t.revision, t.line_item, t.line_item_id, t.user_id, t.value, t.submitted, t.tries,
    t.is_probe, t.fails_alone, t.grade_policy, t.is_decided, t.kept_back_by
  from told t order by array_position(picked, t.id);
end
$$;`;
