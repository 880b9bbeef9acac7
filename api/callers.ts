import { createHash, randomBytes } from 'node:crypto';
import type { ApiKeys } from '../db/access/api-keys.js';

export const SCOPES = ['launches:write', 'scores:write', 'read', 'operate', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** Who makes a request. */
export interface Caller {
  apiKeyId: string;
  scopes: readonly string[];
  /** The platform ids that it may see; null: all. Goes into every query that serves it. */
  platforms: readonly string[] | null;
}

export interface Callers {
  /** Undefined for a key that is unknown or revoked. */
  find(secret: string): Promise<Caller | undefined>;
  /** Makes a revoked key worthless in this process at once; other processes remember it until their cache ends. */
  forget(apiKeyId: string): void;
}

const DEFAULT_CACHE_MS = 10_000;
const MOST_CACHED = 1_000;

/** Finds callers by the hash of their key; found ones are remembered for a while, unknown ones are not. */
export function createCallers(
  apiKeys: Pick<ApiKeys, 'findByHash'>,
  { now, cacheMs = DEFAULT_CACHE_MS }: { now: () => Date; cacheMs?: number | undefined },
): Callers {
  const cache = new Map<string, { caller: Caller; until: number }>();
  return {
    async find(secret) {
      const hash = hashSecret(secret);
      const name = hash.toString('base64');
      const cached = cache.get(name);
      if (cached && cached.until > now().getTime()) return cached.caller;
      const key = await apiKeys.findByHash(hash);
      cache.delete(name);
      if (!key) return undefined;
      if (cache.size >= MOST_CACHED) cache.clear();
      const caller: Caller = { apiKeyId: key.id, scopes: key.scopes, platforms: key.platforms };
      cache.set(name, { caller, until: now().getTime() + cacheMs });
      return caller;
    },
    forget(apiKeyId) {
      for (const [name, { caller }] of cache) if (caller.apiKeyId === apiKeyId) cache.delete(name);
    },
  };
}

/** `admin` includes all scopes. */
export function hasScope({ scopes }: Caller, scope: Scope): boolean {
  return scopes.includes(scope) || scopes.includes('admin');
}

/** A random key of 256 bits is not to be guessed, so a fast hash is enough. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** A new API key. The prefix lets secret scanners know it. */
export function makeSecret(): string {
  return `passback_${randomBytes(32).toString('base64url')}`;
}

/** What is shown of a key to tell it from others. */
export function hintOf(secret: string): string {
  return secret.slice(-4);
}
