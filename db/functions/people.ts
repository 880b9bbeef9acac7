/**
 * What the privacy of people needs of tables that are only added to otherwise: `score_revisions`, `attempts` and
 * `audit_entries`. Whoever may not change or delete their rows does it through these.
 */

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

/** Takes the values and the words out of the evidence of scores; that there were calls and revisions, and when, stays. */
export const ERASE_EVIDENCE = `
create or replace function erase_evidence(p_scores uuid[]) returns void
language plpgsql as $$
begin
  update attempts set excerpt = null, code = null
  where score = any (p_scores) and (excerpt is not null or code is not null);
  update score_revisions set was = null where score = any (p_scores) and was is not null;
end
$$;`;

/** Deletes the oldest entries, no more than `p_limit` at once, and gives their number. */
export const PRUNE_AUDIT = `
create or replace function prune_audit(p_kept interval, p_limit integer) returns integer
language plpgsql as $$
declare
  deleted integer;
begin
  delete from audit_entries where id in (
    select id from audit_entries where at < now() - p_kept order by id limit p_limit);
  get diagnostics deleted = row_count;
  return deleted;
end
$$;`;
