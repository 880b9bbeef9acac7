import { createHash, randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ConsoleSession, ConsoleSessions } from '../db/access/console-sessions.js';
import type { Caller, Callers } from '../api/callers.js';
import type { UnknownKeys } from '../api/unknown-keys.js';
import { clearSession, readSessionToken, setSession } from './door/cookies.js';

/** Who holds the cookie of a session, and as whom they call the API. */
export interface Visitor {
  session: ConsoleSession;
  caller: Caller;
}

export interface Visitors {
  /** Undefined for who is not signed in (any more). `isPerson`: not a page that refreshes itself. */
  find(request: FastifyRequest, options: { isPerson: boolean }): Promise<Visitor | undefined>;
  /** As costly as a call with this key, and as well guarded: undefined for a key that is unknown or revoked. */
  findKey(secret: string, request: FastifyRequest): Promise<Caller | undefined>;
  signIn(caller: Caller, request: FastifyRequest, reply: FastifyReply): Promise<void>;
  signOut(visitor: Visitor, request: FastifyRequest, reply: FastifyReply): Promise<void>;
}

export interface VisitorDeps {
  sessions: ConsoleSessions;
  callers: Pick<Callers, 'find'>;
  /** What wrong tokens may cost. */
  unknown: UnknownKeys;
}

/** A token has 256 bits, so a fast hash keeps it well. */
const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();
const LIKE_A_TOKEN = /^[\w-]{43}$/;

export function createVisitors({ sessions, callers, unknown }: VisitorDeps): Visitors {
  /** Costs the database no more than wrong keys do, whatever comes. */
  async function findSession(token: string, address: string, isPerson: boolean): Promise<ConsoleSession | undefined> {
    const hash = hashOf(token);
    const name = hash.toString('base64');
    if (unknown.has(name)) return undefined;
    if (unknown.isSpent(address) && !(await unknown.isLiving(name))) return undefined;
    const takeBack = unknown.count(address);
    const session = await sessions.find(hash, { isPerson });
    if (session) takeBack();
    else unknown.add(name);
    return session;
  }
  return {
    async find(request, { isPerson }) {
      const token = readSessionToken(request);
      if (token === undefined || !LIKE_A_TOKEN.test(token)) return undefined;
      const session = await findSession(token, request.ip, isPerson);
      if (!session) return undefined;
      const { apiKey: apiKeyId, scopes, platforms, expiresAt } = session;
      return { session, caller: { apiKeyId, scopes, platforms, expiresAt, token } };
    },
    findKey: (secret, request) => callers.find(secret, request.ip),
    async signIn({ apiKeyId: apiKey, expiresAt: endsBy }, request, reply) {
      const token = randomBytes(32).toString('base64url');
      const { expiresAt } = await sessions.open({ hash: hashOf(token), apiKey, endsBy, requestId: request.id });
      setSession(request, reply, token, expiresAt);
    },
    async signOut({ session }, request, reply) {
      clearSession(request, reply);
      const { id, apiKey } = session;
      const audit = { apiKey, action: 'console-sessions.close', reason: 'signed out', requestId: request.id };
      await sessions.end({ id, platforms: null, audit });
    },
  };
}
