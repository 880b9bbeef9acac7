/**
 * Judges the lines of one page against what is held now. A line is judged once, so that repeating a page changes
 * nothing, and a change by the tool after that is noticed at release.
 */
export const CLASSIFY_PAGE = `
with compared as materialized (
  select i.line, i.score_given, i.expected_revision, t.deployment, t.problem, t.blocked, b.action, s.id as score,
    case when s.failure_type is distinct from 'BackfillWithdrawn' then s.value end as held, coalesce(s.revision, 0) as revision, s.state as score_state, i.seen_given,
    s.changed_at > coalesce(i.changed_at, b.created_at) and b.action in ('correct', 'restore') as is_newer,
    case when b.action = 'restore' then i.more
      else backfill_value(case when s.failure_type is distinct from 'BackfillWithdrawn' then s.value end, i.score_given, i.score_maximum, i.more, coalesce(l.score_maximum, t.score_maximum))
      end as value,
    c.roster_read_at is not null and (m.status <> 'Active' or (m.user_id is null and s.state is distinct from 'submitted'))
      or (m.user_id is null and s.state = 'rejected' and s.failure_type = 'MemberNotInContext') as is_unknown,
    coalesce(l.grade_policy, c.grade_policy) <> 'toolWins' as asks_humans
  from backfill_items i
  join backfills b on b.id = i.backfill
  join backfill_targets t on t.backfill = i.backfill and t.target = i.target
  left join contexts c on c.id = t.context
  left join line_items l on l.id = t.line_item
  left join scores s on s.line_item = t.line_item and s.user_id = i.user_id and s.superseded_by is null
  left join memberships m on m.context = t.context and m.user_id = i.user_id
  where i.backfill = :backfill and i.line > :after and i.line <= :upTo and i.state = 'staged'
), graded as materialized (
  select *, coalesce(seen_given, backfill_grade(held)) as before, backfill_grade(value) as after,
    seen_given is not null and abs(seen_given - coalesce(backfill_grade(held), -1)) > 0.001 as is_humans
  from compared
), judged as materialized (
  select line, score, revision, deployment, held, before, after, is_humans, case
    when problem is not null then problem
    when value is null then 'scoreMaximumMissing'
    when not backfill_is_final(value) and not coalesce((value ->> 'clears')::boolean, false) and backfill_is_final(held)
      then 'wouldClear'
    when expected_revision is not null and expected_revision <> revision then 'newer'
    when is_newer then 'newer'
    when value = held and action <> 'resend' and not is_humans then null
    when score_state = 'held' or (is_humans and asks_humans) then 'humanGrade'
    when blocked is not null then blocked
    when is_unknown then 'unknownStudent'
    end as reason, case
    when value = held and not is_humans then 'unchanged'
    when before is null and after is not null then 'given'
    when before is not null and after is null then 'lowered'
    when after > before + 1e-9 then 'raised'
    when after < before - 1e-9 then 'lowered'
    when is_humans then 'unchanged'
    else 'amended' end as kind,
    coalesce(after, 0) - before as delta, action
  from graded
)
update backfill_items i set
  kind = case
    when j.reason in ('newer', 'humanGrade', 'parked', 'launchNeeded', 'unknownStudent') then 'blocked'
    when j.reason is not null then 'refused'
    else j.kind end,
  reason = j.reason,
  state = case when j.reason is null and (j.kind <> 'unchanged' or j.action = 'resend') then 'pending' else 'skipped' end,
  score = j.score, expected_revision = j.revision, deployment = j.deployment, delta = j.delta,
  before_given = coalesce((j.held ->> 'scoreGiven')::double precision, i.before_given),
  before_maximum = coalesce((j.held ->> 'scoreMaximum')::double precision, i.before_maximum)
from judged j
where i.backfill = :backfill and i.line = j.line`;
