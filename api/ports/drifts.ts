/** What gradebooks show that is not what they took from us. */
import type { DriftKind } from '../../domain/drift.js';

export interface DriftRecord {
  id: string;
  score: string;
  lineItem: string;
  lineItemId: string | null;
  label: string | null;
  userId: string;
  kind: DriftKind;
  revision: number;
  scoreGiven: number | null;
  scoreMaximum: number;
  resultScore: number | null;
  resultMaximum: number | null;
  foundAt: Date;
  seenAt: Date;
  resentAt: Date | null;
  endedAt: Date | null;
}

export interface DriftReader {
  list(page: {
    context: string;
    kind?: DriftKind | undefined;
    lineItemId?: string | undefined;
    userId?: string | undefined;
    ended: boolean;
    before: string | null;
    limit: number;
  }): Promise<DriftRecord[]>;
}
