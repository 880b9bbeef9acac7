/** Rosters, and how they changed. */
import type { MembershipChange, MembershipStatus, Standing } from '../../domain/membership.js';

export interface MembershipRecord {
  userId: string;
  roles: string[];
  standing: Standing;
  status: MembershipStatus;
  name: string | null;
  email: string | null;
  missedReads: number;
  updatedAt: Date;
}

export interface MembershipChangeRecord {
  id: string;
  userId: string;
  change: MembershipChange;
  status: MembershipStatus;
  rolesBefore: string[] | null;
  rolesAfter: string[] | null;
  at: Date;
}

export interface MembershipReader {
  list(page: {
    context: string;
    userId?: string | undefined;
    role?: string | undefined;
    standing?: Standing | undefined;
    status?: MembershipStatus | undefined;
    active?: boolean | undefined;
    after: string | null;
    limit: number;
  }): Promise<MembershipRecord[]>;
  listChanges(page: {
    context: string;
    userId?: string | undefined;
    change?: MembershipChange | undefined;
    before: string | null;
    limit: number;
  }): Promise<MembershipChangeRecord[]>;
}
