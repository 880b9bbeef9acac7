/**
 * The registry of what is kept: every column of every table, what it may hold, and how it is exported, erased and pruned. A
 * new column is one more word in its table's line, in `columns/`; a new table is one more line there.
 * test/db/privacy/columns.test.ts holds it against the database.
 */
import type { Declarations } from './columns/declare.js';
import { OTHERS } from './columns/others.js';
import { PLACES } from './columns/places.js';
import { SCORES } from './columns/scores.js';

export const COLUMNS: Declarations = { ...SCORES, ...PLACES, ...OTHERS };
