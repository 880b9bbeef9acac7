import type { MembershipChange, MembershipStatus, Standing } from '../../domain/membership.js';
import { queryRows, type Database } from '../server/knex.js';

export interface MembershipRecord {
  userId: string;
  roles: string[];
  /** What the roles come to for grading. */
  standing: Standing;
  status: MembershipStatus;
  /** Null unless names are stored and the LMS tells them. */
  name: string | null;
  email: string | null;
  missedReads: number;
  updatedAt: Date;
}

/** One change that a roster showed; the first roster of a context shows none. */
export interface MembershipChangeRecord {
  id: string;
  userId: string;
  change: MembershipChange;
  status: MembershipStatus;
  rolesBefore: string[] | null;
  /** Null: the person was not listed. */
  rolesAfter: string[] | null;
  at: Date;
}

export interface MembershipFilter {
  userId?: string | undefined;
  /** A whole role, or its last part: `Learner`. */
  role?: string | undefined;
  standing?: Standing | undefined;
  status?: MembershipStatus | undefined;
  active?: boolean | undefined;
}

/** How whole the roster of a course is, as it was last read. */
export interface RosterCounts {
  active: number;
  /** Those who left. */
  gone: number;
  /** Of the active, those whom the last reading did not list: with the next they are gone. */
  missed: number;
  /** People who have scores in the course and whom the roster never listed. */
  unlisted: number;
}

interface MembershipPage {
  context: string;
  showsNames: boolean;
  after: string | null;
  limit: number;
}

export interface MembershipReader {
  count(context: string): Promise<RosterCounts>;
  /** Those after the cursor, by user id; without names and e-mails for who is not shown them. */
  list(page: MembershipFilter & MembershipPage): Promise<MembershipRecord[]>;
  /** Newest first, those before the cursor. */
  listChanges(page: {
    context: string;
    userId?: string | undefined;
    change?: MembershipChange | undefined;
    before: string | null;
    limit: number;
  }): Promise<MembershipChangeRecord[]>;
}

const COUNT = `
select (count(*) filter (where status = 'Active'))::int as active, (count(*) filter (where status <> 'Active'))::int as gone,
  (count(*) filter (where status = 'Active' and missed_reads > 0))::int as missed,
  (select count(distinct s.user_id)::int from scores s where s.context = :context and s.superseded_by is null
    and not exists (select from memberships m where m.context = s.context and m.user_id = s.user_id)) as unlisted
from memberships where context = :context`;

export function createMembershipReader(db: Database): MembershipReader {
  return {
    async count(context) {
      const [counts] = await queryRows<RosterCounts>(db, COUNT, { context });
      return counts ?? { active: 0, gone: 0, missed: 0, unlisted: 0 };
    },
    list: ({ context, showsNames, after, limit, ...filter }) =>
      queryRows(
        db,
        `select user_id as "userId", roles, standing, status,
           case when :showsNames then name end as name, case when :showsNames then email end as email, missed_reads as "missedReads",
           updated_at as "updatedAt"
         from memberships
         where context = :context and (:after::text is null or user_id > :after)
           and (:userId::text is null or user_id = :userId)
           and (:role::text is null or exists (select from unnest(roles) as r(role)
             where lower(r.role) = lower(:role) or right(lower(r.role), length(:role) + 1) in ('#' || lower(:role), '/' || lower(:role))))
           and (:standing::text is null or standing = :standing)
           and (:status::text is null or status = :status)
           and (:active::boolean is null or (status = 'Active') = :active::boolean)
         order by user_id limit :limit`,
        {
          ...{ context, showsNames, after, limit, userId: filter.userId ?? null, role: filter.role ?? null },
          ...{ standing: filter.standing ?? null, status: filter.status ?? null, active: filter.active ?? null },
        },
      ),
    listChanges: ({ context, userId = null, change = null, before, limit }) =>
      queryRows(
        db,
        `select id, user_id as "userId", change, status, roles_before as "rolesBefore", roles_after as "rolesAfter", at
         from membership_changes
         where context = :context and (:before::bigint is null or id < :before::bigint)
           and (:userId::text is null or user_id = :userId) and (:change::text is null or change = :change)
         order by id desc limit :limit`,
        { context, userId, change, before, limit },
      ),
  };
}
