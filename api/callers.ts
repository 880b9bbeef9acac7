import { createHash, randomBytes } from 'node:crypto';
import type { ApiKeys } from '../db/access/api-keys.js';
import { ProblemError } from './problems.js';
import { createUnknownKeys } from './unknown-keys.js';

export const SCOPES = ['launches:write', 'scores:write', 'read', 'operate', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** Who makes a request. */
export interface Caller {
  apiKeyId: string;
  scopes: readonly string[];
  /** The platform ids that it may see; null: all. Goes into every query that serves it. */
  platforms: readonly string[] | null;
  /** What stands for the key where it is no longer known, and is stored nowhere either: the token of a session. */
  token?: string;
}

export interface Callers {
  /**
   * Undefined for a key that is unknown or revoked.
   * @throws {ProblemError} `too-many-requests` where so many keys were tried from this address that this one is not looked up
   */
  find(secret: string, address: string): Promise<Caller | undefined>;
  /** Makes a revoked key worthless in this process at once; other processes remember it until their cache ends. */
  forget(apiKeyId: string): void;
  /**
   * Gives a bearer that stands for this caller once, and only until `use` has ended: for requests that this process makes of
   * itself.
   */
  lend<Result>(caller: Caller, use: (bearer: string) => Promise<Result>): Promise<Result>;
}

const DEFAULT_CACHE_MS = 10_000;
const MOST_CACHED = 1_000;
/** Bootstrap keys are of any kind, so nothing else can be said of a key than how long it is. */
const LIKE_A_KEY = /^[\x21-\x7e]{8,200}$/;

/** Finds callers by the hash of their key; found ones are remembered for a while, unknown ones for a moment. */
export function createCallers(
  apiKeys: Pick<ApiKeys, 'findByHash' | 'listHashes'>,
  { now, cacheMs = DEFAULT_CACHE_MS }: { now: () => Date; cacheMs?: number | undefined },
): Callers {
  const cache = new Map<string, { caller: Caller; until: number }>();
  const lent = new Map<string, Caller>();
  const unknown = createUnknownKeys({ listHashes: () => apiKeys.listHashes(), now: () => now().getTime() });
  return {
    async find(secret, address) {
      if (!LIKE_A_KEY.test(secret)) return undefined;
      const lentTo = lent.get(secret);
      if (lent.delete(secret)) return lentTo;
      const hash = hashSecret(secret);
      const name = hash.toString('base64');
      const cached = cache.get(name);
      if (cached && cached.until > now().getTime()) return cached.caller;
      if (unknown.has(name)) return undefined;
      if (unknown.isSpent(address) && !(await unknown.isLiving(name))) {
        throw new ProblemError('too-many-requests', 'Too many wrong keys came from this address: wait a minute.', {
          headers: { 'retry-after': '60' },
        });
      }
      const takeBack = unknown.count(address);
      const key = await apiKeys.findByHash(hash);
      cache.delete(name);
      if (!key) {
        unknown.add(name);
        return undefined;
      }
      takeBack();
      if (cache.size >= MOST_CACHED) cache.clear();
      const caller: Caller = { apiKeyId: key.id, scopes: key.scopes, platforms: key.platforms };
      cache.set(name, { caller, until: now().getTime() + cacheMs });
      return caller;
    },
    forget(apiKeyId) {
      for (const [name, { caller }] of cache) if (caller.apiKeyId === apiKeyId) cache.delete(name);
    },
    async lend(caller, use) {
      const bearer = randomBytes(32).toString('base64url');
      lent.set(bearer, caller);
      try {
        return await use(bearer);
      } finally {
        lent.delete(bearer);
      }
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
