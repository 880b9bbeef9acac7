import type { Knex } from 'knex';
import {
  joinEntries,
  REFUSED_MEMBERS,
  ROSTER_HOLDS,
  standingOf,
  type MembershipStatus,
} from '../../domain/membership.js';
import { findErased, type ErasedPeople } from '../privacy/erased-people.js';
import { keptBackBy } from '../scores/kept-back.js';
import { changeScores } from '../scores/transitions.js';
import { leaveOutErased } from './leave-out-erased.js';
import { queryRows } from '../server/knex.js';
import { retryDeadlock } from '../server/retry-deadlock.js';
import { storeRows } from '../server/store-rows.js';

export interface RosterMember {
  userId: string;
  roles: readonly string[];
  status: MembershipStatus;
  name?: string | null | undefined;
  email?: string | null | undefined;
}

/** What a read of a roster showed and changed. */
export interface RosterReadOutcome {
  seen: number;
  joined: number;
  left: number;
  returned: number;
  roleChanged: number;
  /** Scores that waited for this roster, and are due now. */
  released: number;
  /** PostgreSQL's codes for members that it refused; the others were taken over. */
  refused: string[];
}

/** What became of one page. */
export interface StoredPage {
  /** PostgreSQL's codes for the members that it refused; the others are kept. */
  refused: string[];
  /** Members who were erased: nothing is kept of them. */
  erased: number;
}

export interface RosterStore {
  /** The number of a new read of a context's roster. What an earlier read left unfinished is forgotten. */
  beginRead(context: string): Promise<number>;
  /**
   * Keeps one page of a read aside. Repeating it changes nothing. Names and e-mails are kept only where configured so.
   */
  storePage(input: { context: string; read: number; members: readonly RosterMember[] }): Promise<StoredPage>;
  /**
   * Ends a read whose last page was reached: only now is anything taken over, all at once. `provesAbsence`: every entry
   * was understood, so who is missing counts as missed; from two such reads, he is inactive. Undefined: a newer read has
   * begun, and this one changes nothing.
   */
  completeRead(input: {
    context: string;
    read: number;
    provesAbsence: boolean;
  }): Promise<RosterReadOutcome | undefined>;
}

export interface RosterOptions {
  storeNames: boolean;
  erased: ErasedPeople;
}

export function createRosters(db: Knex, { storeNames, erased }: RosterOptions): RosterStore {
  return {
    async beginRead(context) {
      const [row] = await queryRows<{ read: number }>(
        db,
        `with forgotten as (delete from membership_drafts where context = :context)
         update contexts set roster_read = roster_read + 1 where id = :context returning roster_read as read`,
        { context },
      );
      if (!row) throw new Error(`There is no context ${context}.`);
      return row.read;
    },
    async storePage({ context, read, members: all }) {
      const gone = await findErased(
        db,
        erased,
        all.map(({ userId }) => ({ context, userId })),
      );
      const members = all.filter((_, place) => !gone.has(place));
      const listed = await listDrafts(db, { context, read, users: members.map(({ userId }) => userId) });
      const rows = joinEntries([...listed, ...members]).map(({ userId, roles, status, name, email }) => ({
        userId,
        roles,
        status,
        standing: standingOf(roles),
        ...(storeNames && { name, email }),
      }));
      const refused = await storeRows(db, rows, (trx, some) =>
        trx.raw(STORE_PAGE, { context, read, rows: JSON.stringify(some) }),
      );
      return { refused: refused.map(({ code }) => code), erased: gone.size };
    },
    completeRead: (input) => retryDeadlock(() => db.transaction((trx) => completeRead(trx, erased, input))),
  };
}

/** Those of the users whom earlier pages of the read have listed. */
function listDrafts(
  db: Knex,
  { context, read, users }: { context: string; read: number; users: readonly string[] },
): Promise<RosterMember[]> {
  return queryRows(
    db,
    `select user_id as "userId", roles, status, name, email from membership_drafts
     where context = ? and read = ? and user_id = any (?::text[])`,
    [context, read, [...users]],
  );
}

const STORE_PAGE = `
insert into membership_drafts (context, read, user_id, roles, status, standing, name, email)
select c.id, c.roster_read, "userId", roles, status, standing, name, email
from contexts c, jsonb_to_recordset(:rows::jsonb)
  as i("userId" text, roles text[], status text, standing text, name text, email text)
where c.id = :context and c.roster_read = :read
order by "userId"
on conflict (context, user_id) do update set read = excluded.read, roles = excluded.roles,
  status = excluded.status, standing = excluded.standing, name = excluded.name, email = excluded.email`;

interface CompleteInput {
  context: string;
  read: number;
  provesAbsence: boolean;
}

async function completeRead(
  trx: Knex.Transaction,
  erased: ErasedPeople,
  { context, read, provesAbsence }: CompleteInput,
): Promise<RosterReadOutcome | undefined> {
  // A read that begins now waits here, so that the drafts stand still.
  const [held] = await queryRows<{ isFirst: boolean }>(
    trx,
    `select roster_read_at is null as "isFirst" from contexts where id = ? and roster_read = ? for no key update`,
    [context, read],
  );
  if (!held) return undefined;
  const bindings = { context, read, isFirst: held.isFirst };
  const drafts = await leaveOutErased(trx, erased, bindings);
  const refused = await storeRows(trx, drafts, async (inner, some) => {
    const ofUsers = { ...bindings, users: some.length === drafts.length ? null : some.map(({ user }) => user) };
    // The first roster is where the changes begin; it is none itself.
    if (!held.isFirst) await inner.raw(NOTE_CHANGES, ofUsers);
    await inner.raw(TAKE_OVER, ofUsers);
  });
  if (provesAbsence) await trx.raw(NOTE_ABSENCE, bindings);
  const released = await queryRows(trx, RELEASE, {
    ...bindings,
    holds: [...ROSTER_HOLDS],
    refusals: [...REFUSED_MEMBERS],
  });
  const [counts] = await queryRows<Omit<RosterReadOutcome, 'released' | 'refused'>>(trx, COUNT, bindings);
  await trx.raw('delete from membership_drafts where context = ?', [context]);
  if (provesAbsence) await trx.raw('update contexts set roster_read_at = now() where id = ?', [context]);
  if (!counts) throw new Error('An aggregate gave no row.');
  return { ...counts, released: released.length, refused: refused.map(({ code }) => code) };
}

const DRAFTS = 'select * from membership_drafts where context = :context and read = :read';

const OF_USERS = '(:users::text[] is null or d.user_id = any (:users::text[]))';

const NOTE_CHANGES = `
insert into membership_changes (context, user_id, change, status, roles_before, roles_after, read)
select d.context, d.user_id,
  case when m.user_id is null then 'joined'
    when m.status <> 'Active' and d.status = 'Active' then 'returned'
    when m.status = 'Active' and d.status <> 'Active' then 'left'
    else 'roleChanged' end,
  d.status, m.roles, d.roles, d.read
from (${DRAFTS}) as d left join memberships m on m.context = d.context and m.user_id = d.user_id
where ${OF_USERS} and case when m.user_id is null then d.status = 'Active'
  else (m.status = 'Active') <> (d.status = 'Active') or not (m.roles @> d.roles and m.roles <@ d.roles) end
order by d.user_id`;

/** Rows that say the same already are left alone: a night's read of a quiet course writes none. */
const TAKE_OVER = `
insert into memberships as m (context, user_id, roles, status, standing, name, email, seen_in_read)
select context, user_id, roles, status, standing, name, email, read from (${DRAFTS}) as d
where ${OF_USERS} order by user_id
on conflict (context, user_id) do update set roles = excluded.roles, status = excluded.status,
  standing = excluded.standing, name = excluded.name, email = excluded.email, seen_in_read = excluded.seen_in_read,
  missed_reads = 0, updated_at = now()
where (m.roles, m.status, m.standing, m.missed_reads) is distinct from
    (excluded.roles, excluded.status, excluded.standing, 0)
  or (m.name, m.email) is distinct from (excluded.name, excluded.email)`;

const NOTE_ABSENCE = `
with missed as (
  update memberships m set missed_reads = missed_reads + 1, updated_at = now(),
    status = case when missed_reads >= 1 then 'Inactive' else status end
  where context = :context and status = 'Active'
    and not exists (select from membership_drafts d where d.context = m.context and d.user_id = m.user_id and d.read = :read)
  returning context, user_id, status, roles
)
insert into membership_changes (context, user_id, change, status, roles_before, read)
select context, user_id, 'left', status, roles, :read from missed where status = 'Inactive' order by user_id`;

/**
 * What the roster kept back goes as soon as it allows it, at whichever read. What the LMS itself refused goes once, when
 * the roster shows the person anew; else it would be sent and refused each night.
 */
const RELEASE = `
with waiting as (
  select s.id from score_troubles t join scores s on s.id = t.score left join memberships m on m.context = s.context and m.user_id = s.user_id
  where t.context = :context and (
    (s.state = 'held' and s.failure_type = any (:holds::text[])
      and ${keptBackBy('m')} is null)
    or (s.state = 'rejected' and s.failure_type = any (:refusals::text[])
      and m.status = 'Active' and m.standing = 'learner' and (:isFirst::boolean or exists (
        select from membership_changes h
        where h.context = s.context and h.user_id = s.user_id and h.read = :read and h.change <> 'left'))))
  order by s.id for update of s
)
${changeScores('letGo', 'waiting')}
returning s.id`;

const COUNT = `
select (select count(*)::int from (${DRAFTS}) as d) as seen,
  (count(*) filter (where change = 'joined'))::int as joined, (count(*) filter (where change = 'left'))::int as "left",
  (count(*) filter (where change = 'returned'))::int as returned,
  (count(*) filter (where change = 'roleChanged'))::int as "roleChanged"
from membership_changes where context = :context and read = :read`;
