/** Story: what became of one score, from whom it came to what helps, told from facts for three kinds of readers. */
import type { DriftKind } from '../drift.js';
import type { MembershipStatus, Standing } from '../membership.js';
import type { OriginSource } from '../score-origin.js';
import type { ScoreState, ScoreValue } from '../score.js';
import type { WaitReason } from '../wait.js';

/** The score as it is now, with the names of where it goes. */
export interface StoryScore {
  id: string;
  platformId: string;
  deploymentId: string;
  contextId: string;
  /** Our uuids. */
  platform: string;
  deployment: string;
  context: string;
  lineItem: StoryColumn;
  userId: string;
  value: ScoreValue;
  changedAt: Date;
  revision: number;
  state: ScoreState;
  /** What the gradebook was last known to have taken from us; null: nothing. */
  submitted: ScoreValue | null;
  submittedRevision: number | null;
  submittedAt: Date | null;
  failureType: string | null;
  supersededBy: string | null;
  createdAt: Date;
  updatedAt: Date;
  /** What the gradebook shows instead of what it took; null: nothing else is known. */
  drift: StoryDrift | null;
  roster: StoryRoster;
}

export interface StoryColumn {
  /** Our uuid. */
  id: string;
  /** Null: not yet found or made in the LMS. */
  lineItemId: string | null;
  resourceLinkId: string | null;
  resourceId: string | null;
  tag: string | null;
  label: string | null;
}

export interface StoryDrift {
  kind: DriftKind;
  resultScore: number | null;
  resultMaximum: number | null;
  foundAt: string;
}

/** What the roster says of the person. */
export interface StoryRoster {
  /** Null: it was never read. */
  readAt: string | null;
  /** Null: it does not list the person. */
  status: MembershipStatus | null;
  standing: Standing | null;
}

export interface StoryWait {
  reason: WaitReason;
  type: string | null;
  since: string | null;
  until: string | null;
  sentence: string;
  advice: string;
}

/** What the verdict is made of. */
export interface StoryFacts {
  score: StoryScore;
  /** Null: it is at its end. */
  waitingFor: StoryWait | null;
  /** A sentence each. */
  next: string;
  advice: string;
}

/** One revision, and who brought it. */
export interface RevisionFact {
  revision: number;
  at: Date;
  changedAt: Date;
  source: OriginSource;
  /** Our uuid of the key, event, backfill or run. */
  originId: string | null;
  /** What people call it; null where it has no name, is gone, or is not to be shown. */
  originName: string | null;
  requestId: string | null;
  /** What it replaced. */
  was: ScoreValue | null;
}

/** One call. */
export interface AttemptFact {
  revision: number;
  kind: 'submit' | 'readBack';
  outcome: string;
  status: number | null;
  failureType: string | null;
  code: string | null;
  /** What was answered, scrubbed. */
  excerpt: string | null;
  startedAt: Date;
}

/** What an operator did to it, or to what it stands in. */
export interface DeedFact {
  at: Date;
  /** As the audit trail has it: `scores.retry`. */
  action: string;
  /** Our uuid of the key that it was done with. */
  apiKey: string | null;
  /** What people call the key; null where that is not to be shown. */
  keyName: string | null;
  /** In their own words; null where those are not to be shown. */
  reason: string | null;
}

/** The newest ones, oldest of them first. */
export interface StoryEvents {
  revisions: readonly RevisionFact[];
  /** Older ones. */
  revisionsLeftOut: number;
  attempts: readonly AttemptFact[];
  attemptsLeftOut: number;
  deeds: readonly DeedFact[];
}
