/** Backfills straight in the database: what the workflow and its activities would do, without Temporal. */
import type { Knex } from 'knex';
import { createBackfills, type Backfills } from '../../db/backfills/backfills.js';
import type { NewBackfill } from '../../db/backfills/control.js';
import type { Correction } from '../../domain/parse-correction.js';
import { anyErased } from './any-erased.js';
import { insertApiKey } from './factories.js';

export type CorrectionOfTest = Partial<Omit<Correction, 'column'>> & { line?: number; column: Correction['column'] };

export interface BackfillsOfTest {
  store: Backfills;
  apiKey: string;
  insert(options?: Partial<NewBackfill>): Promise<string>;
  /** Stages lines as an upload would, and completes it. */
  upload(corrections: readonly CorrectionOfTest[], options?: Partial<NewBackfill>): Promise<string>;
  /** Runs the whole preview. */
  preview(id: string): Promise<string>;
}

export async function createBackfillsOfTest(db: Knex): Promise<BackfillsOfTest> {
  const store = createBackfills(db, { erased: anyErased() });
  const { id: apiKey } = await insertApiKey(db);
  const insert = async (options: Partial<NewBackfill> = {}): Promise<string> => {
    const id = await store.insert({
      ...{ apiKey, author: 'Ada', reason: 'a bug', source: 'upload', action: 'correct', parameters: {}, undoOf: null },
      ...{ dryRun: false, releaseBy: 'approval', queueBehind: false, readsBack: false, perSecond: null },
      ...{ approvalScores: 1_000, approvalDrop: 20, idempotencyKey: null, requestHash: null },
      ...options,
    });
    if (id === undefined) throw new Error('not inserted');
    return id;
  };
  return {
    ...{ store, apiKey, insert },
    async upload(corrections, options) {
      const id = await insert(options);
      await store.createStager(id).stage({
        problems: [],
        corrections: corrections.map((correction, place) => ({
          ...{ line: place + 2, userId: 'ada', scoreGiven: null, scoreMaximum: null, changedAt: null, more: null },
          ...correction,
        })),
      });
      await store.complete(id, {}, null);
      return id;
    },
    async preview(id) {
      for (let step = await store.begin(id); step;) step = await store.advance(id, step);
      return (await store.conclude(id)).state;
    },
  };
}
