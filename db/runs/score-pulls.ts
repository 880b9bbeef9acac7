/** When the score source was last asked about each context, and answered. */
import type { Knex } from 'knex';
import { isSetAside } from '../courses/parking.js';
import type { ScoreTarget } from '../../domain/parse-score.js';
import { queryRows } from '../server/knex.js';

export interface PullableContext {
  context: string;
  /** The instant of the last question that was answered in full. Null: never. */
  since: string | null;
}

export interface ScorePulls {
  /** The LTI ids by which the tool knows a context. Undefined when there is none of this uuid. */
  findPlace(context: string): Promise<Required<Omit<ScoreTarget, 'lineItem'>> | undefined>;
  /** A page of contexts that are not set aside, by their ids, and the instant of this question. */
  list(input: { after: string | null; limit: number }): Promise<{ askedAt: string; contexts: PullableContext[] }>;
  /** Notes what was answered in full: the next question begins at the instant of this one. Repeating it is safe. */
  note(input: { askedAt: string; contexts: readonly string[] }): Promise<void>;
}

export function createScorePulls(db: Knex): ScorePulls {
  return {
    async findPlace(context) {
      const [row] = await queryRows<Required<Omit<ScoreTarget, 'lineItem'>>>(
        db,
        `select p.platform_id as "platformId", d.deployment_id as "deploymentId", c.context_id as "contextId"
         from contexts c join deployments d on d.id = c.deployment join platforms p on p.id = d.platform
         where c.id = ?`,
        [context],
      );
      return row;
    },
    async list({ after, limit }) {
      const askedAt = new Date().toISOString();
      const rows = await queryRows<{ context: string; since: Date | null }>(
        db,
        `select c.id as context, p.pulled_at as since from contexts c left join score_pulls p on p.context = c.id
         where (:after::uuid is null or c.id > :after::uuid) and not ${isSetAside('c')}
         order by c.id limit :limit`,
        { after, limit },
      );
      return {
        askedAt,
        contexts: rows.map(({ context, since }) => ({ context, since: since?.toISOString() ?? null })),
      };
    },
    async note({ askedAt, contexts }) {
      await db.raw(
        `insert into score_pulls (context, pulled_at) select id, ?::timestamptz from unnest(?::uuid[]) as id
         on conflict (context) do update set pulled_at = greatest(score_pulls.pulled_at, excluded.pulled_at)`,
        [askedAt, [...contexts]],
      );
    },
  };
}
