import type { Knex } from 'knex';
import { queryRows, type Database } from '../server/knex.js';
import type { Vault } from '../vault/vault.js';
import { createPersonDigests } from './person-digests.js';

/** A student of a course of ours. */
export interface CoursePerson {
  /** Our uuid. */
  context: string;
  userId: string;
}

/** Whom nobody may bring back. */
export interface ErasedPeople {
  /**
   * The places in the list of those who were erased. To be asked in the transaction that would store something of them, and
   * before it does: an erasure waits for whoever asked too early to know of it. One cheap statement where nobody was.
   */
  find(trx: Knex.Transaction, people: readonly CoursePerson[]): Promise<ReadonlySet<number>>;
  /** The same where no course is known; whoever was erased in one deployment counts. Null: nobody is meant. */
  findOnPlatforms(
    trx: Knex.Transaction,
    people: readonly ({ platformId: string; userId: string } | null)[],
  ): Promise<ReadonlySet<number>>;
}

interface MarkedCourse {
  context: string;
  platform: string;
  deployment: string;
}

const NOBODY: ReadonlySet<number> = new Set();

export function createErasedPeople(vault: Vault): ErasedPeople {
  const digests = createPersonDigests(vault);
  return {
    async find(trx, people) {
      const contexts = [...new Set(people.map(({ context }) => context))];
      if (contexts.length === 0) return NOBODY;
      const marked = await queryRows<MarkedCourse>(trx, 'select * from courses_with_tombstones(?::uuid[])', [contexts]);
      if (marked.length === 0) return NOBODY;
      const courses = new Map(marked.map((course) => [course.context, course]));
      const doubtful = people.flatMap(({ context, userId }, place) => {
        const course = courses.get(context);
        return course ? [{ ...course, userId, place }] : [];
      });
      const names = await digests.of(trx, doubtful);
      return new Set(await findPlaces(trx, doubtful, names));
    },
    async findOnPlatforms(trx, people) {
      const named = people.flatMap((person, place) => (person ? [{ ...person, place }] : []));
      if (named.length === 0) return NOBODY;
      const marked = await queryRows<{ platform: string; platformId: string }>(trx, MARKED_PLATFORMS, [
        [...new Set(named.map(({ platformId }) => platformId))],
      ]);
      const platforms = new Map(marked.map(({ platformId, platform }) => [platformId, platform]));
      const doubtful = named.flatMap(({ platformId, userId, place }) => {
        const platform = platforms.get(platformId);
        return platform === undefined ? [] : [{ platform, deployment: null, userId, place }];
      });
      if (doubtful.length === 0) return NOBODY;
      return new Set(await findPlaces(trx, doubtful, await digests.of(trx, doubtful)));
    },
  };
}

/** The same for a caller without a transaction, who stores nothing of them afterwards. */
export function findErased(
  db: Knex,
  erased: ErasedPeople,
  people: readonly CoursePerson[],
): ReturnType<ErasedPeople['find']> {
  return db.transaction((trx) => erased.find(trx, people));
}

const MARKED_PLATFORMS = `
select p.id as platform, p.platform_id as "platformId" from platforms p
where p.platform_id = any (?::text[]) and exists (select from person_tombstones t where t.platform = p.id)`;

async function findPlaces(
  db: Database,
  people: readonly { platform: string; deployment: string | null; place: number }[],
  digests: readonly string[],
): Promise<number[]> {
  const rows = people.map(({ platform, deployment, place }, index) => ({
    ...{ platform, deployment, place },
    digest: digests[index],
  }));
  const found = await queryRows<{ place: number }>(
    db,
    `select distinct w.place
     from jsonb_to_recordset(?::jsonb) as w(platform uuid, deployment uuid, place integer, digest text)
     join person_tombstones t on t.platform = w.platform and t.digest = decode(w.digest, 'hex')
       and (t.deployment is null or t.deployment = coalesce(w.deployment, t.deployment))`,
    [JSON.stringify(rows)],
  );
  return found.map(({ place }) => place);
}
