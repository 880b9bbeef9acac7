/**
 * Functions in the database: what is called for every chunk of scores, planned once for a session. A changed text is
 * installed by one more entry in `db/migrations/index.ts`; test/db/functions.test.ts finds one that was forgotten.
 */
import { CHANGE_ACCEPTED, INSERT_SCORES, LOCK_CELLS } from './accept-scores.js';
import { CLAIM_SCORES } from './claim-scores.js';
import { HOLD_LANE, NOTE_GATE_FAILURE, NOTE_GATE_SUCCESS, TAKE_TURN } from './lanes.js';
import { COURSES_WITH_TOMBSTONES, ERASE_EVIDENCE } from './people.js';
import { RECORD_OUTCOMES } from './record-outcomes.js';

export const FUNCTIONS = [
  HOLD_LANE,
  TAKE_TURN,
  NOTE_GATE_FAILURE,
  NOTE_GATE_SUCCESS,
  CLAIM_SCORES,
  RECORD_OUTCOMES,
  LOCK_CELLS,
  CHANGE_ACCEPTED,
  INSERT_SCORES,
  COURSES_WITH_TOMBSTONES,
  ERASE_EVIDENCE,
].join('\n');
