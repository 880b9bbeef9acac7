import type { PersonStep } from '../../../domain/person-request.js';
import type { RetentionClass } from '../../../domain/retention.js';
import type { ExportSection } from '../export-sections.js';

/**
 * What a column may hold. `person`: of a student, or it says which one. `secret`: opens something. `lmsText`: words or names
 * of an LMS. `freeText`: words of the tool's people or an operator's. `none`: ids of ours, states, counts and times.
 */
export type ColumnClass = 'person' | 'secret' | 'lmsText' | 'freeText' | 'none';

/** Why there is no such way. */
type No = `no: ${string}`;

export interface Ways {
  /** The section of an export in which it comes. */
  export: ExportSection | No;
  /** The step of an erasure that empties or removes it. */
  erase: PersonStep | No;
  /** The class by whose time it goes. */
  prune: RetentionClass | 'attempts' | No;
}

export interface Declaration {
  class: ColumnClass;
  names: readonly string[];
  /** Null for `none`. */
  ways: Ways | null;
}

/** By table. */
export type Declarations = Readonly<Record<string, readonly Declaration[]>>;

/** `names`: with spaces between. */
export const columns = (as: Exclude<ColumnClass, 'none'>, names: string, ways: Ways): Declaration => ({
  class: as,
  names: toNames(names),
  ways,
});

/** Columns that hold nothing of anybody. */
export const none = (names: string): Declaration => ({ class: 'none', names: toNames(names), ways: null });

const toNames = (names: string): string[] => names.trim().split(/\s+/);
