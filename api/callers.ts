import { randomBytes } from 'node:crypto';
import type { ApiKeys } from '../db/access/api-keys.js';
import { hashSecret, isLikeASecret } from './bearer-secret.js';
import { ProblemError } from './problems.js';
import { createUnknownKeys } from './unknown-keys.js';

export const SCOPES = ['launches:write', 'scores:write', 'read', 'people:read', 'operate', 'approve', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** Who makes a request. */
export interface Caller {
  apiKeyId: string;
  scopes: readonly string[];
  /** Its reach (domain/reach.ts): platform ids, and entries of deployments; null: all. Goes into every query that serves it. */
  platforms: readonly string[] | null;
  /** When what it came with ends: its key, a secret that was replaced, or a session; null: never by itself. */
  expiresAt: Date | null;
  /** What stands for the key where it is no longer known, and is stored nowhere either: the token of a session. */
  token?: string;
}

export interface Callers {
  /**
   * Undefined for a key that is unknown, revoked or over.
   * @throws {ProblemError} `too-many-requests` where so many keys were tried from this address that this one is not looked up
   */
  find(secret: string, address: string): Promise<Caller | undefined>;
  /** Makes what is remembered of a key worthless in this process at once; other processes remember it until their cache ends. */
  forget(apiKeyId: string): void;
  /**
   * Gives a bearer that stands for this caller once, and only until `use` has ended: for requests that this process makes of
   * itself.
   */
  lend<Result>(caller: Caller, use: (bearer: string) => Promise<Result>): Promise<Result>;
}

export interface CallersOptions {
  now: () => Date;
  cacheMs?: number | undefined;
  /** SHA-256, in base64, of the keys that came with the configuration: these have any shape. */
  bootstrapHashes?: readonly string[] | undefined;
}

const DEFAULT_CACHE_MS = 10_000;
const MOST_CACHED = 1_000;
/** What no configuration takes for a key is not even hashed. */
const LIKE_ANY_KEY = /^[\x21-\x7e]{8,200}$/;

/**
 * Finds callers by the hash of their key; found ones are remembered for a while, unknown ones for a moment. What neither has
 * the shape of our keys nor came with the configuration is refused without a look, and counted for its address.
 */
export function createCallers(
  apiKeys: Pick<ApiKeys, 'findByHash' | 'listHashes'>,
  { now, cacheMs = DEFAULT_CACHE_MS, bootstrapHashes = [] }: CallersOptions,
): Callers {
  const cache = new Map<string, { caller: Caller; until: number }>();
  const lent = new Map<string, Caller>();
  let forgotten = 0;
  const configured = new Set(bootstrapHashes);
  const unknown = createUnknownKeys({ listHashes: () => apiKeys.listHashes(), now: () => now().getTime() });

  async function lookUp(hash: Buffer, name: string, address: string): Promise<Caller | undefined> {
    if (unknown.has(name)) return undefined;
    if (unknown.isSpent(address) && !(await unknown.isLiving(name))) throw tooMany();
    const takeBack = unknown.count(address);
    const before = forgotten;
    const key = await apiKeys.findByHash(hash);
    cache.delete(name);
    if (!key) {
      unknown.add(name);
      return undefined;
    }
    takeBack();
    const { id: apiKeyId, scopes, platforms, expiresAt } = key;
    const caller: Caller = { apiKeyId, scopes, platforms, expiresAt };
    // Some key was forgotten while this one was looked up; it may be this one.
    if (forgotten !== before) return caller;
    if (cache.size >= MOST_CACHED) cache.clear();
    const until = now().getTime() + cacheMs;
    cache.set(name, { caller, until: expiresAt ? Math.min(until, expiresAt.getTime()) : until });
    return caller;
  }
  return {
    async find(secret, address) {
      const lentTo = lent.get(secret);
      if (lent.delete(secret)) return lentTo;
      if (!mayBeKey(secret, configured)) {
        if (unknown.isSpent(address)) throw tooMany();
        unknown.countShapeless(address);
        return undefined;
      }
      const hash = hashSecret(secret);
      const name = hash.toString('base64');
      const cached = cache.get(name);
      if (cached && cached.until > now().getTime()) return cached.caller;
      return lookUp(hash, name, address);
    },
    forget(apiKeyId) {
      forgotten += 1;
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

function mayBeKey(secret: string, configured: ReadonlySet<string>): boolean {
  if (isLikeASecret(secret)) return true;
  return LIKE_ANY_KEY.test(secret) && configured.has(hashSecret(secret).toString('base64'));
}

function tooMany(): ProblemError {
  return new ProblemError('too-many-requests', 'Too many wrong keys came from this address: wait a minute.', {
    headers: { 'retry-after': '60' },
  });
}

/** `admin` includes all scopes. */
export function hasScope({ scopes }: Pick<Caller, 'scopes'>, scope: Scope): boolean {
  return scopes.includes(scope) || scopes.includes('admin');
}
