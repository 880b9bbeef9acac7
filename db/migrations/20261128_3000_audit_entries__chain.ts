/**
 * Each entry carries the hash of the one before, in a line without gaps, and nothing that is written is changed. The place in
 * the line is given under the lock of the one row of `audit_chain`, to the end of the transaction: an entry is what a deed
 * writes last, or others wait for it. The author's row is locked first, as the foreign key will do it: whoever changes that
 * key holds it already when it waits for the line. (`db/access/audit-chain.ts` reads the same text of an entry.)
 *
 * Retention takes the oldest entries only, by `prune_audit_entries`, and leaves the hash at which the rest begins. Whoever else
 * must change what was only to be added, as an erasure must, sets `passback.retention` to `on` in its transaction, as the owner.
 */
export const sql = `
create table audit_chain (
  id boolean primary key default true check (id),
  position bigint not null,
  hash bytea not null,
  begins_after bigint not null default 0,
  begins_with bytea not null
);
comment on column audit_chain.begins_after is 'The newest entry that retention removed, and its hash.';
insert into audit_chain (position, hash, begins_with) values (0, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'));

alter table audit_entries
  alter column id drop identity,
  add column request_id uuid,
  add column outcome text not null default 'done'
    constraint audit_entries_outcome_check check (outcome in ('asked', 'done', 'failed')),
  add column answers bigint,
  add column previous bytea,
  add column hash bytea;
comment on column audit_entries.outcome is 'asked: it is about to be done outside of PostgreSQL; another entry answers how that went.';
comment on column audit_entries.answers is 'The entry that said it was about to be done.';

create function audit_hash(entry audit_entries) returns bytea language sql stable as $$
  select sha256(convert_to(jsonb_build_array(entry.id, to_char(entry.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
    entry.api_key, entry.action, entry.subject, entry.reason, entry.details, entry.platforms, entry.request_id,
    entry.outcome, entry.answers, encode(entry.previous, 'hex'))::text, 'UTF8'))
$$;

create function chain_audit_entry() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform 1 from api_keys where id = new.api_key for key share;
  update audit_chain set position = position + 1 where id returning position, hash into new.id, new.previous;
  new.hash := audit_hash(new);
  update audit_chain set hash = new.hash where id;
  return new;
end
$$;

do $$
declare
  entry audit_entries;
  before bigint;
begin
  for entry in select * from audit_entries order by id loop
    before := entry.id;
    update audit_chain set position = position + 1 where id returning position, hash into entry.id, entry.previous;
    entry.hash := audit_hash(entry);
    update audit_chain set hash = entry.hash where id;
    update audit_entries set id = entry.id, previous = entry.previous, hash = entry.hash where id = before;
  end loop;
end
$$;

alter table audit_entries alter column previous set not null, alter column hash set not null;
create trigger chain before insert on audit_entries for each row execute function chain_audit_entry();

create function refuse_change() returns trigger language plpgsql as $$
begin
  if current_setting('passback.retention', true) = 'on'
    and pg_has_role(current_user, (select relowner from pg_class where oid = tg_relid), 'usage') then
    if tg_op = 'UPDATE' then return new; end if;
    return old;
  end if;
  raise exception 'Rows of % are only added.', tg_table_name using errcode = 'insufficient_privilege';
end
$$;

create trigger only_added before update or delete on audit_entries for each row execute function refuse_change();
create trigger never_emptied before truncate on audit_entries for each statement execute function refuse_change();

create function prune_audit_entries(p_before timestamptz, p_limit integer) returns integer
language plpgsql security definer set search_path = public, pg_temp set passback.retention = 'on' as $$
declare
  up_to bigint;
  with_hash bytea;
  pruned integer;
begin
  if p_before > now() - interval '30 days' then
    raise exception 'Audit entries are kept for thirty days at least.' using errcode = 'invalid_parameter_value';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('prune_audit_entries', 0));
  select coalesce(min(o.id) filter (where o.at >= p_before) - 1, max(o.id)) into up_to
  from (select e.id, e.at from audit_entries e order by e.id limit p_limit) o;
  select e.hash into with_hash from audit_entries e where e.id = up_to;
  if not found then return 0; end if;
  delete from audit_entries e where e.id <= up_to;
  get diagnostics pruned = row_count;
  update audit_chain set begins_after = up_to, begins_with = with_hash where id;
  return pruned;
end
$$;
revoke execute on function prune_audit_entries(timestamptz, integer) from public;
`;
