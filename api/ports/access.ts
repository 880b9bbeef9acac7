/** Who calls, what was answered to them before, and what they did. */

export interface ApiKeyRecord {
  id: string;
  name: string;
  hint: string;
  scopes: string[];
  platforms: string[] | null;
  createdAt: Date;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
}

export interface ApiKeyStore {
  /** The living key with this SHA-256. */
  findByHash(hash: Buffer): Promise<ApiKeyRecord | undefined>;
  insert(key: {
    name: string;
    hash: Buffer;
    hint: string;
    scopes: readonly string[];
    platforms: readonly string[] | null;
    createdBy: string;
  }): Promise<ApiKeyRecord>;
  list(platforms: readonly string[] | null): Promise<ApiKeyRecord[]>;
  /** False when there is none (any more). */
  revoke(id: string, platforms: readonly string[] | null): Promise<boolean>;
  setBootstrapKey(hash: Buffer, hint: string): Promise<void>;
}

interface IdempotencyKey {
  apiKey: string;
  key: string;
}

export interface StoredAnswer {
  status: number;
  contentType: string;
  body: string;
}

export interface IdempotencyKeyStore {
  claim(
    key: IdempotencyKey,
    requestHash: Buffer,
  ): Promise<
    | { kind: 'claimed'; claimedAt: Date }
    | { kind: 'answered'; answer: StoredAnswer }
    | { kind: 'inProgress' }
    | { kind: 'reused' }
  >;
  complete(key: IdempotencyKey, claimedAt: Date, answer: StoredAnswer): Promise<void>;
  release(key: IdempotencyKey, claimedAt: Date): Promise<void>;
  prune(): Promise<number>;
}

export interface AuditTrail {
  insert(entry: {
    apiKey: string;
    action: string;
    subject: string;
    reason?: string | undefined;
    details?: Readonly<Record<string, unknown>> | undefined;
  }): Promise<void>;
}
