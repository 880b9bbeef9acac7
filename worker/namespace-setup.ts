import { ScheduleNotFoundError, type Client, type Connection } from '@temporalio/client';
import type { Knex } from 'knex';
import { SWEEP_SCHEDULE_ID, withPrefix } from '../workflows/names.js';
import { desiredSchedules, reconcileSchedules, type ScheduleSettings } from './schedules.js';
import { registerSearchAttributes } from './search-attributes.js';

/** Any number that no other lock of ours uses. */
const SCHEDULES_LOCK = 7_228_625;
const LOOK_EVERY_MS = 15_000;

/** What Passback needs in a namespace before it can work there: search attributes and schedules. */
export interface NamespaceSetup {
  /** @returns the names of search attributes that are missing and may not be made from here */
  addSearchAttributes(): Promise<string[]>;
  addSchedules(): Promise<void>;
  /** Whether anything is there: a Temporal that lost all, or another one at the same address, has not even the sweep. */
  isThere(): Promise<boolean>;
}

export interface NamespaceSetupDeps {
  connection: Connection;
  client: Client;
  db: Knex;
  schedules: ScheduleSettings;
  /** Id of the key that encrypts what schedules hold. */
  codecKey: string | undefined;
}

export function createNamespaceSetup({
  connection,
  client,
  db,
  schedules,
  codecKey,
}: NamespaceSetupDeps): NamespaceSetup {
  const { namespace } = client.options;
  const sweep = client.schedule.getHandle(withPrefix(schedules.prefix ?? '', SWEEP_SCHEDULE_ID));
  return {
    addSearchAttributes: () => registerSearchAttributes(connection, namespace),
    // One worker at a time: an update of a schedule replaces all of it.
    addSchedules: () =>
      db.transaction(async (trx) => {
        await trx.raw('select pg_advisory_xact_lock(?)', [SCHEDULES_LOCK]);
        await reconcileSchedules(client, desiredSchedules(schedules), codecKey);
      }),
    async isThere() {
      try {
        await sweep.describe();
        return true;
      } catch (error) {
        if (error instanceof ScheduleNotFoundError) return false;
        throw error;
      }
    },
  };
}

/**
 * Looks from time to time whether the set-up is still there, and makes it again where Temporal has lost all: PostgreSQL
 * knows what is to be done, and the sweep starts it. Gives what ends the looking.
 */
export function keepNamespace(
  setup: NamespaceSetup,
  { onRestored, onTrouble }: { onRestored: (missing: readonly string[]) => void; onTrouble: (error: unknown) => void },
): () => void {
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    if (await setup.isThere()) return;
    const missing = await setup.addSearchAttributes();
    // Without them nothing that the sweep starts would be taken.
    if (missing.length === 0) await setup.addSchedules();
    onRestored(missing);
  };
  const lookLater = (): void => {
    if (isStopped) return;
    timer = setTimeout(() => void look().catch(onTrouble).then(lookLater), LOOK_EVERY_MS);
  };
  lookLater();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}
