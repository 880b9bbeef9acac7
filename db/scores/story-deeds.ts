import type { DeedFact } from '../../domain/story/story-facts.js';
import { queryRows, type Database } from '../server/knex.js';
import type { StoryRecord } from './story-reader.js';
import { isWithinReach } from '../access/reach.js';

export interface DeedsWanted {
  limit: number;
  /** What the reader sees; null: all. Keys that reach further have no name for it, nor words about more than that. */
  platforms: readonly string[] | null;
}

/** What operators did to a score, its column and its course, and whether their platform was let go or paused; newest first. */
export function listDeeds(db: Database, score: StoryRecord, { limit, platforms }: DeedsWanted): Promise<DeedFact[]> {
  const { id, createdAt, context, deployment, platform } = score;
  return queryRows(db, LIST_DEEDS, {
    ...{ id, createdAt, limit, platforms: platforms && [...platforms] },
    subjects: [id, score.lineItem.id, context, deployment, platform],
  });
}

const IS_WITHIN_REACH = isWithinReach('k.platforms');
const KEY = `k.id as "apiKey", case when ${IS_WITHIN_REACH} then k.name end as "keyName"`;
const whyOf = (of: string): string =>
  `case when ${IS_WITHIN_REACH} or ${isWithinReach(`${of}.platforms`)} then ${of}.reason end as reason`;

/** Those that are no matter of a single score. A retry is told by what it did. */
const IS_TOLD = `a.action ~ '^(scores\\.(decide\\.|withdraw$)|(platforms|deployments|contexts)\\.(pause|resume)$|line-items\\.resume$|(contexts|line-items)\\.grade-policy\\.|syncs\\.start$)'`;

/** Each half finds its newest by its index. */
const LIST_DEEDS = `
(select a.at, a.action, ${KEY}, ${whyOf('a')}
 from audit_entries a left join api_keys k on k.id = a.api_key
 where a.subject = any (:subjects::text[]) and ${IS_TOLD} and a.at >= :createdAt
 order by a.id desc limit :limit)
union all
(select r.at, 'scores.retry', ${KEY}, ${whyOf('o')}
 from score_retries r left join bulk_operations o on o.id = r.operation left join api_keys k on k.id = o.api_key
 where r.score = :id and r.at >= :createdAt
 order by r.at desc limit :limit)
order by at desc limit :limit`;
