/** What an export tells of one person: a section for each table that has rows of theirs, each row whole. */
import { IN_DEPLOYMENT, inScope } from './person.js';

interface Section {
  /** Gives `row`, and, where a row has an encrypted body, its `id`, `source`, `body` and `dataKey`. */
  sql: string;
  /** Rows of one part of the document. */
  limit: number;
}

const PAGE = 'offset :offset limit :limit';
const THEIR_SCORES = `select s.id from scores s where s.user_id = :userId and ${inScope('s.context')}`;
/** The LTI ids of a course, beside our uuids. */
const COURSE = `cross join lateral (select jsonb_build_object('platform_id', p.platform_id, 'deployment_id', d.deployment_id,
    'context_id', c.context_id, 'context_title', c.title) as names
  from contexts c join deployments d on d.id = c.deployment join platforms p on p.id = d.platform
  where c.id = r.context) course`;
const COLUMN = `cross join lateral (select jsonb_build_object('line_item_id', l.line_item_id, 'line_item_label', l.label)
  as names from line_items l where l.id = r.line_item) col`;

const ofCourse = (table: string, order: string): Section => ({
  sql: `select to_jsonb(r) || course.names as row from ${table} r ${COURSE}
    where r.user_id = :userId and ${inScope('r.context')} order by ${order} ${PAGE}`,
  limit: 500,
});
const ofColumn = (table: string, order: string): Section => ({
  sql: `select to_jsonb(r) || course.names || col.names as row from ${table} r ${COURSE} ${COLUMN}
    where r.user_id = :userId and ${inScope('r.context')} order by ${order} ${PAGE}`,
  limit: 500,
});
const ofScore = (table: string, order: string): Section => ({
  sql: `select to_jsonb(r) as row from ${table} r where r.score in (${THEIR_SCORES}) order by ${order} ${PAGE}`,
  limit: 500,
});

/** By the name of the table. */
export const EXPORT_SECTIONS = {
  memberships: ofCourse('memberships', 'r.context'),
  membership_drafts: ofCourse('membership_drafts', 'r.context'),
  membership_changes: ofCourse('membership_changes', 'r.id'),
  scores: ofColumn('scores', 'r.seq'),
  score_revisions: ofScore('score_revisions', 'r.score, r.revision, r.at'),
  score_troubles: ofScore('score_troubles', 'r.score'),
  attempts: ofScore('attempts', 'r.score, r.started_at, r.revision'),
  drifts: ofColumn('drifts', 'r.id'),
  webhook_references: ofColumn('webhook_references', 'r.source, r.reference'),
  webhook_events: {
    sql: `select r.id, case when r.state <> 'split' then r.body end as body, r.data_key as "dataKey", r.source,
        to_jsonb(r) - 'body' - 'digest' - 'data_key' - 'look_at' as row
      from webhook_events r
      where ((r.platform_id = :platformId and r.facts ->> 'userId' = :userId
          and (:deployment::uuid is null or r.deployment_id is null
            or r.deployment_id = (select deployment_id from deployments where id = :deployment::uuid)))
        or r.score in (${THEIR_SCORES})) order by r.seq ${PAGE}`,
    // Each may have a body of a megabyte.
    limit: 20,
  },
  backfill_items: {
    sql: `select to_jsonb(r) || jsonb_build_object('context_id', t.context_id, 'line_item_id', t.line_item_id) as row
      from backfill_items r join backfill_targets t on t.backfill = r.backfill and t.target = r.target
      left join deployments d on d.platform = :platform::uuid and d.deployment_id = t.deployment_id
      where r.user_id = :userId and t.platform_id = :platformId and ${IN_DEPLOYMENT('coalesce(t.deployment, d.id)')}
      order by r.backfill, r.line ${PAGE}`,
    limit: 500,
  },
} as const satisfies Record<string, Section>;

export type ExportSection = keyof typeof EXPORT_SECTIONS;
