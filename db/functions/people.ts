/** What the privacy of people needs of the database. */

/** Of courses, those with an erased person on their platform, where every student is to be looked up. */
export const COURSES_WITH_TOMBSTONES = `
create or replace function courses_with_tombstones(p_contexts uuid[])
  returns table (context uuid, platform uuid, deployment uuid)
language plpgsql as $$
#variable_conflict use_column
begin
  -- From here on an erasure waits for this transaction, unless what follows has seen its tombstone.
  perform pg_current_xact_id();
  if not exists (select from person_tombstones) then return; end if;
  return query
  select c.id, d.platform, d.id from contexts c join deployments d on d.id = c.deployment
  where c.id = any (p_contexts) and exists (select from person_tombstones t where t.platform = d.platform);
end
$$;`;

/** The owner's rights, and names that mean what they mean to the owner. */
const AS_OWNER = 'security definer set search_path = public, pg_temp';

/**
 * Takes the values and the words out of the evidence of scores; that there were calls and revisions, and when, stays. Of
 * erased scores only, since whoever holds the app's password may call it.
 */
export const ERASE_EVIDENCE = `
create or replace function erase_evidence(p_scores uuid[]) returns void
language plpgsql ${AS_OWNER} as $$
declare
  erased uuid[] := array(select id from scores where id = any (p_scores) and state = 'erased');
begin
  update attempts set excerpt = null, code = null
  where score = any (erased) and (excerpt is not null or code is not null);
  perform set_config('passback.retention', 'on', true);
  update score_revisions set was = null where score = any (erased) and was is not null;
  perform set_config('passback.retention', '', true);
end
$$;
revoke execute on function erase_evidence from public;`;
