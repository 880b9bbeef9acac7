import type { Knex } from 'knex';
import { acceptScores, type AcceptedScore, type ScoreToAccept } from './accept-scores.js';
import { queryRows } from '../server/knex.js';
import { createTargetResolver, type ResolvedTarget, type ScoreTarget } from './score-targets.js';

/** A course by the LTI ids that scores name. */
export interface ScorePlace {
  platformId: string;
  deploymentId: string;
  contextId: string;
}

/** Takes scores in without a caller: what a worker fetched itself. */
export interface ScoreIntake {
  /** Undefined when there is no such context. */
  findPlace(context: string): Promise<ScorePlace | undefined>;
  resolve(targets: readonly ScoreTarget[]): Promise<ResolvedTarget[]>;
  accept(scores: readonly ScoreToAccept[]): Promise<AcceptedScore[]>;
}

export function createScoreIntake(db: Knex): ScoreIntake {
  return {
    async findPlace(context) {
      const [row] = await queryRows<ScorePlace>(
        db,
        `select p.platform_id as "platformId", d.deployment_id as "deploymentId", c.context_id as "contextId"
         from contexts c join deployments d on d.id = c.deployment join platforms p on p.id = d.platform
         where c.id = ?`,
        [context],
      );
      return row;
    },
    // A resolver remembers what it found, so each call gets a new one.
    resolve: (targets) => createTargetResolver(db, { platforms: null }).resolve(targets),
    accept: (scores) => acceptScores(db, scores),
  };
}
