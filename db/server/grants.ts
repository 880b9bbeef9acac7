import type { Database } from './knex.js';

/** What API and worker connect as: reads and writes rows, makes no table, and changes nothing of what is only added. */
export const APP_ROLE = 'passback_app';
/** What watches the database: sees sizes, limits and the queue, and no person. */
export const METRICS_ROLE = 'passback_metrics';

/** Whoever was here and what he did stays as it was written. */
const ONLY_ADDED = ['audit_entries', 'score_revisions'];
/** Without a name, an id of an LMS or a word of anybody. */
const WATCHED = ['gates', 'score_queue', 'migrations'];

/**
 * Grants to each of the two roles what it needs and takes away what it does not, where the role is there: an installation
 * with one role for all needs neither. Done after each migration, so that what is new is granted. Repeating is safe.
 * Whoever migrates owns what he made.
 */
export async function grantToRoles(db: Database): Promise<void> {
  await db.raw(grantTo(APP_ROLE, FOR_APP));
  await db.raw(grantTo(METRICS_ROLE, `grant select on ${WATCHED.join(', ')} to ${METRICS_ROLE};`));
}

const FOR_APP = `
  execute format('grant temporary on database %I to ${APP_ROLE}', current_database());
  grant select, insert, update, delete on all tables in schema public to ${APP_ROLE};
  grant usage on all sequences in schema public to ${APP_ROLE};
  grant execute on all functions in schema public to ${APP_ROLE};
  for added in
    select t.name::regclass from unnest(array['${ONLY_ADDED.join("', '")}']) as t (name)
    union all
    select inhrelid::regclass from pg_inherits where inhparent::regclass::text in ('${ONLY_ADDED.join("', '")}')
  loop
    execute format('revoke update, delete, truncate on %s from ${APP_ROLE}', added);
  end loop;
  revoke insert, update, delete on audit_chain, migrations, migrations_lock from ${APP_ROLE};`;

const grantTo = (role: string, grants: string): string => `
do $grants$
declare added regclass;
begin
  if not exists (select from pg_roles where rolname = '${role}') then return; end if;
  if current_user = '${role}' then return; end if;
  execute format('grant connect on database %I to ${role}', current_database());
  grant usage on schema public to ${role};
  ${grants}
end
$grants$`;
