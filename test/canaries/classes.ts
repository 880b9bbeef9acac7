/** What canaries are of, and which of them may stand where: the whole promise in one table. */
import type { ColumnClass } from '../../db/privacy/columns/declare.js';

/**
 * `person`: of a student, or it says which one. `secret`: opens something. `place`: ids and names of an institution.
 * `lmsWords`: what an LMS, LTIAAS or a grader says. `freeText`: words of the tool's people or an operator's.
 * `own`: name, platform and reason of the limited key that looks into the console. `wrongName`: a member or parameter that there is not. `databaseWords`: the message of an error that the database raises. `databaseDetails`: what it says beside that.
 */
export type CanaryClass =
  'person' | 'secret' | 'place' | 'lmsWords' | 'freeText' | 'own' | 'wrongName' | 'databaseWords' | 'databaseDetails';

/** Where each class may stand. What a sink does not name, it must not hold. */
export const MAY_STAND = {
  'log of the API': [],
  'log of the worker': [],
  // PostgreSQL itself tells of each error, and by `log_error_verbosity = terse` nothing beside its message.
  'log of PostgreSQL': ['databaseWords'],
  'histories of Temporal': [],
  'visibility of Temporal': [],
  'schedules of Temporal': [],
  'metrics of the API': [],
  'metrics of the worker': [],
  traces: [],
  // Who misspells a name is told which one.
  'errors of the API': ['wrongName'],
  // Who gets them has a key that sees the place, or made an endpoint for it.
  notices: ['place'],
  // Ids of columns are URLs of the LMS, and stand in the paths of LTIAAS.
  'URLs to LTIAAS': ['place'],
  'console of a key that may not see it': ['own'],
} as const satisfies Record<string, readonly CanaryClass[]>;

export type Sink = keyof typeof MAY_STAND;

/** Which classes may stand in columns that are declared as this, in db/privacy/columns. */
export const MAY_STAND_IN_COLUMNS: Readonly<Record<ColumnClass, readonly CanaryClass[]>> = {
  person: ['person', 'place', 'lmsWords', 'freeText', 'own'],
  secret: [],
  lmsText: ['place', 'lmsWords', 'own'],
  freeText: ['freeText', 'place', 'own'],
  none: [],
};
