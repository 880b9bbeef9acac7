import type { Knex } from 'knex';
import type { ErasedPeople } from '../privacy/erased-people.js';
import { createControl, type BackfillControl } from './control.js';
import { createPreview, type PreviewStore } from './preview.js';
import { createReadBack, type ReadBackStore } from './read-back.js';
import { createReader, type BackfillReader } from './reader.js';
import { createRelease, type ReleaseStore } from './release.js';
import { createOutcomes, type OutcomeStore } from './outcomes.js';
import { createStaging, type Staging } from './staging.js';

/** Everything that Postgres does for backfills. */
export type Backfills = BackfillControl &
  BackfillReader &
  Staging &
  PreviewStore &
  ReadBackStore &
  ReleaseStore &
  OutcomeStore;

export function createBackfills(db: Knex, { erased }: { erased: ErasedPeople }): Backfills {
  return {
    ...createControl(db),
    ...createReader(db),
    ...createStaging(db),
    ...createPreview(db, erased),
    ...createReadBack(db),
    ...createRelease(db, erased),
    ...createOutcomes(db),
  };
}
