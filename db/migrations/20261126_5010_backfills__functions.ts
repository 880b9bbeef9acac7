export const sql = `
create function backfill_is_final(p_value jsonb) returns boolean language sql immutable as $$
  select coalesce(p_value ->> 'scoreGiven' is not null
    and p_value ->> 'gradingProgress' in ('FullyGraded', 'PendingManual'), false)
$$;

-- What a corrected score makes of the value that is held: what it does not name stays, and a grade is final unless it
-- says otherwise. Null where nobody names a maximum.
create function backfill_value(p_held jsonb, p_given double precision, p_maximum double precision, p_more jsonb,
  p_column_maximum double precision) returns jsonb language sql stable as $$
  select case when coalesce(p_maximum, (p_held ->> 'scoreMaximum')::double precision, p_column_maximum) is not null then
    (coalesce(p_held, '{"activityProgress": "Completed", "gradingProgress": "FullyGraded"}') - 'clears')
    || case when p_held is not null and not backfill_is_final(p_held)
      then '{"activityProgress": "Completed", "gradingProgress": "FullyGraded"}'::jsonb else '{}' end
    || jsonb_build_object('scoreGiven', p_given, 'scoreMaximum',
      coalesce(p_maximum, (p_held ->> 'scoreMaximum')::double precision, p_column_maximum))
    || coalesce(p_more, '{}') end
$$;

-- The grade as a part of its maximum; null where there is none.
create function backfill_grade(p_value jsonb) returns double precision language sql immutable as $$
  select case when backfill_is_final(p_value)
    then (p_value ->> 'scoreGiven')::double precision / (p_value ->> 'scoreMaximum')::double precision end
$$;
`;
