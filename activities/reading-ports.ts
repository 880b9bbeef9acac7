/** What reading rosters and results needs of the database. */
import type { DriftKind } from '../domain/drift.js';
import type { ScoreValue } from '../domain/score.js';
import type { ListedMember } from './ports.js';

export interface RostersPort {
  beginRead(context: string): Promise<number>;
  storePage(input: { context: string; read: number; members: readonly ListedMember[] }): Promise<void>;
  completeRead(input: {
    context: string;
    read: number;
    provesAbsence: boolean;
  }): Promise<RosterReadOutcome | undefined>;
}

export interface RosterReadOutcome {
  seen: number;
  joined: number;
  left: number;
  returned: number;
  roleChanged: number;
  released: number;
}

export interface ReconcilableColumn {
  lineItem: string;
  lineItemId: string;
  columnMaximum: number | null;
}

export interface SentScore {
  id: string;
  userId: string;
  revision: number;
  submitted: ScoreValue;
  isGone: boolean;
}

export interface FoundDrift {
  score: string;
  kind: DriftKind;
  resultScore: number | null;
  resultMaximum: number | null;
}

export interface DriftsPort {
  now(): Promise<Date>;
  listColumns(context: string, after: string | null): Promise<ReconcilableColumn[]>;
  listSent(
    input: { lineItem: string; before: Date } & (
      { userIds: readonly string[] } | { after: string | null; limit: number }
    ),
  ): Promise<SentScore[]>;
  record(input: { context: string; before: Date; found: readonly FoundDrift[]; resend: boolean }): Promise<number>;
  endColumn(input: { lineItem: string; before: Date }): Promise<void>;
  endContext(context: string): Promise<void>;
  countOpen(context: string): Promise<Record<DriftKind, number>>;
}
