/** When the score source was last asked about each context, and answered, by its clock or ours, whichever was slower. */
import type { Knex } from 'knex';
import { isSetAside } from '../courses/parking.js';
import type { ScoreTarget } from '../../domain/parse-score.js';
import { queryRows } from '../server/knex.js';

export interface PullableContext {
  context: string;
  /** A little before the last question that was answered in full. Null: never. */
  since: string | null;
}

/** A question that was answered in full. */
export interface AnsweredPull {
  context: string;
  /** What the tool's clock showed then, in ISO 8601, where it is known. */
  toolClock: string | null;
}

export interface ScorePulls {
  /** The LTI ids by which the tool knows a context. Undefined when there is none of this uuid. */
  findPlace(context: string): Promise<Required<Omit<ScoreTarget, 'lineItem'>> | undefined>;
  /** A page of contexts that are not set aside, by their ids, and the instant of this question. */
  list(input: { after: string | null; limit: number }): Promise<{ askedAt: string; contexts: PullableContext[] }>;
  /**
   * Notes what was answered in full: the next question begins a little before this one, which was at `askedAt`, or earlier
   * by a tool's clock that is slow. Repeating it is safe: one that comes late asks for more than is needed.
   */
  note(input: { askedAt: string; answers: readonly AnsweredPull[] }): Promise<void>;
}

/**
 * What changed shortly before a question may be missing in its answer: a tool stamps a change when it begins to store it,
 * and several of its machines differ a little. A long transaction takes minutes, so a quarter of an hour is asked for
 * twice. It costs no call to an LMS: what is held already is `unchanged`.
 */
const OVERLAP = `interval '15 minutes'`;

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
        `select c.id as context, p.pulled_at - ${OVERLAP} as since from contexts c left join score_pulls p on p.context = c.id
         where (:after::uuid is null or c.id > :after::uuid) and not ${isSetAside('c')}
         order by c.id limit :limit`,
        { after, limit },
      );
      return {
        askedAt,
        contexts: rows.map(({ context, since }) => ({ context, since: since?.toISOString() ?? null })),
      };
    },
    async note({ askedAt, answers }) {
      await db.raw(
        `insert into score_pulls (context, pulled_at)
         select a.context, least(:askedAt::timestamptz, a."toolClock")
         from jsonb_to_recordset(:answers::jsonb) as a(context uuid, "toolClock" timestamptz)
         on conflict (context) do update set pulled_at = excluded.pulled_at`,
        { askedAt, answers: JSON.stringify(answers) },
      );
    },
  };
}
