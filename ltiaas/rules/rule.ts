import type { FailureType } from '../../domain/failure.js';
import type { LmsFamily } from '../../domain/platform.js';
import type { AnsweredBy, LtiaasErrorKind } from '../error.js';

/** What the failed call was for. */
export type Operation =
  'submitScore' | 'listLineItems' | 'createLineItem' | 'listResults' | 'listMemberships' | 'getIdToken';

/**
 * One rule. All conditions that are given must hold. A rule with a family also serves platforms of unknown family if it
 * has a `text` or `code`, since the words alone are telling then; by status alone it serves its own family only.
 */
export interface Rule {
  readonly type: FailureType;
  readonly kind?: readonly LtiaasErrorKind[];
  readonly sent?: boolean;
  readonly family?: LmsFamily;
  readonly operation?: readonly Operation[];
  readonly status?: readonly number[];
  /** Inclusive range of statuses. */
  readonly statusFrom?: readonly [number, number];
  readonly answeredBy?: readonly (AnsweredBy | undefined)[];
  /** Matched against LTIAAS's code. */
  readonly code?: RegExp;
  /** Matched against the excerpt. */
  readonly text?: RegExp;
  /** The header is there and says that nothing is left. */
  readonly isQuotaSpent?: true;
  /** The pause before the next try where the answer names none. */
  readonly retryAfterMs?: number;
  /** A text or code as observed, for rules that match one; the tests use it. */
  readonly seen?: string;
  /** Where this was observed or is written down. */
  readonly evidence: string;
}
