import type { DatabaseFacts } from '../../db/server/database-look.js';
import type { UnreadableDataKey } from '../../db/vault/unreadable-data-keys.js';
import type { Failure } from '../../domain/failure.js';
import type { Deps } from '../app.js';
import { within } from '../operations/within.js';
import type { ScheduleRecord } from '../temporal/schedule-client.js';
import type { QueueHealth } from '../temporal/workflow-client.js';

/** What was found; null: it could not be found out, in time or at all. */
export interface Looked {
  database: (DatabaseFacts & { tookMs: number; aheadMs: number }) | null;
  unreadableKeys: readonly UnreadableDataKey[] | null;
  hasTemporal: boolean;
  queues: readonly QueueHealth[] | null;
  missingAttributes: readonly string[] | null;
  schedules: readonly ScheduleRecord[] | null;
  /** Null: LTIAAS answered, and took the API key. */
  ltiaas: Failure | null | 'late';
  version: string;
}

export type Diagnosed = Pick<Deps, 'store' | 'workflows' | 'schedules' | 'ltiaas' | 'classify' | 'now' | 'version'>;

/** For each look, all of which are taken at once. */
const PATIENCE_MS = 1_000;

/** Of no launch, so that LTIAAS asks no LMS: what it says of a wrong API key is told apart from what it says of this. */
const NOBODYS_KEY = 'passback-diagnosis';

/** Looks at all that an installation stands on. Never rejects, and takes little more than a second. */
export async function look(deps: Diagnosed): Promise<Looked> {
  const { store, workflows, schedules, version } = deps;
  const orNull = <T>(found: Promise<T>): Promise<T | null> =>
    within<T | null>(
      found.catch(() => null),
      PATIENCE_MS,
      () => null,
    );
  const [database, unreadableKeys, hasTemporal, queues, missingAttributes, records, ltiaas] = await Promise.all([
    orNull(lookAtDatabase(deps)),
    orNull(store.listUnreadableDataKeys()),
    orNull(workflows.checkHealth().then(() => true)),
    orNull(workflows.listQueues()),
    orNull(workflows.listMissingSearchAttributes()),
    orNull(schedules.list()),
    lookAtLtiaas(deps),
  ]);
  return {
    ...{ database, unreadableKeys, hasTemporal: hasTemporal === true, queues, missingAttributes },
    ...{ schedules: records, ltiaas, version },
  };
}

async function lookAtDatabase({ store, now }: Diagnosed): Promise<NonNullable<Looked['database']>> {
  const began = performance.now();
  const before = now().getTime();
  const facts = await store.lookAtDatabase();
  const tookMs = performance.now() - began;
  return { ...facts, tookMs, aheadMs: before + tookMs / 2 - facts.at.getTime() };
}

async function lookAtLtiaas({ ltiaas, classify }: Diagnosed): Promise<Looked['ltiaas']> {
  const asked = ltiaas.listLineItems({ serviceKey: NOBODYS_KEY, timeoutMs: PATIENCE_MS }).then(
    () => null,
    (error: unknown): Failure | null => {
      const failure = classify(error, 'listLineItems');
      return failure.type === 'ServiceKeyRejected' ? null : failure;
    },
  );
  return within<Looked['ltiaas']>(
    asked.catch(() => 'late' as const),
    PATIENCE_MS,
    () => 'late',
  );
}
