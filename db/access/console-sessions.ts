import type { Knex } from 'knex';
import { queryRows, type Database } from '../server/knex.js';
import { KEY_IS_ALIVE } from './api-key.js';
import { insertAuditEntry, type AuditDeed } from './audit-entries.js';
import { isWithinReach } from './reach.js';

/** Somebody who signed in to the console with an API key. */
export interface ConsoleSession {
  id: string;
  /** The key that it stands for, as it is now: its name, how it is told from others, and what it may. */
  apiKey: string;
  keyName: string;
  keyHint: string;
  scopes: string[];
  platforms: string[] | null;
  createdAt: Date;
  lastSeenAt: Date;
  expiresAt: Date;
}

export interface SessionPage {
  platforms: readonly string[] | null;
  /** The id of the last one seen. */
  after: string | null;
  limit: number;
}

export interface NewSession {
  /** SHA-256 of what the browser holds. */
  hash: Buffer;
  apiKey: string;
  /** When what somebody signed in with ends, if ever: the session lasts no longer. */
  endsBy: Date | null;
  /** Of the request that signs in. */
  requestId: string | null;
}

/** The end of a session before its time, and whose deed it is. */
export interface SessionEnd {
  id: string;
  /** What who ends it may see; null: all. */
  platforms: readonly string[] | null;
  audit: AuditDeed;
}

/**
 * A session ends twelve hours after the sign-in, an hour after the last thing that a person did, and with its API key. What
 * opens or ends one leaves its audit row in the same transaction.
 */
export interface ConsoleSessions {
  open(session: NewSession): Promise<{ id: string; expiresAt: Date }>;
  /** The living session with this hash. `isPerson`: somebody did something, so its hour begins anew. */
  find(hash: Buffer, options: { isPerson: boolean }): Promise<ConsoleSession | undefined>;
  /** Hashes of all living ones, in base64. */
  listHashes(): Promise<string[]>;
  /** The living ones, newest first, of keys that reach no further than `platforms`. */
  list(page: SessionPage): Promise<ConsoleSession[]>;
  /** False when there is none (any more). */
  end(end: SessionEnd): Promise<boolean>;
  /** Deletes those that ended a month ago, and says how many. */
  prune(): Promise<number>;
}

const LIFE = `interval '12 hours'`;
const IDLE = `interval '1 hour'`;
/** Noted no more often than this: a page is many requests. */
const SEEN_EVERY = `interval '1 minute'`;

const COLUMNS = `s.id, s.api_key as "apiKey", k.name as "keyName", k.hint as "keyHint", k.scopes, k.platforms,
  s.created_at as "createdAt", s.last_seen_at as "lastSeenAt", s.expires_at as "expiresAt"`;
const IS_ALIVE = `s.revoked_at is null and s.expires_at > now() and s.last_seen_at > now() - ${IDLE}
  and k.id = s.api_key and ${KEY_IS_ALIVE}`;

export function createConsoleSessions(db: Knex): ConsoleSessions {
  return {
    open: (session) => db.transaction((trx) => open(trx, session)),
    async find(hash, { isPerson }) {
      const [session] = await queryRows<ConsoleSession>(
        db,
        `with seen as (
           update console_sessions s set last_seen_at = now() from api_keys k
           where s.hash = :hash and :isPerson and ${IS_ALIVE} and s.last_seen_at < now() - ${SEEN_EVERY}
         )
         select ${COLUMNS} from console_sessions s, api_keys k where s.hash = :hash and ${IS_ALIVE}`,
        { hash, isPerson },
      );
      return session;
    },
    async listHashes() {
      const sql = `select s.hash from console_sessions s, api_keys k where ${IS_ALIVE}`;
      return (await queryRows<{ hash: Buffer }>(db, sql)).map(({ hash }) => hash.toString('base64'));
    },
    list: ({ platforms, after, limit }) =>
      queryRows(
        db,
        `select ${COLUMNS} from console_sessions s, api_keys k where ${IS_ALIVE} and ${isWithinReach('k.platforms')}
           and (:after::uuid is null
             or (s.created_at, s.id) < (select l.created_at, l.id from console_sessions l
               join api_keys k on k.id = l.api_key where l.id = :after::uuid and ${isWithinReach('k.platforms')}))
         order by s.created_at desc, s.id desc limit :limit`,
        { platforms: platforms && [...platforms], after, limit },
      ),
    end: (end) => db.transaction((trx) => endSession(trx, end)),
    async prune() {
      const sql = `delete from console_sessions where expires_at < now() - interval '30 days' returning 1`;
      return (await queryRows(db, sql)).length;
    },
  };
}

async function open(trx: Database, session: NewSession): Promise<{ id: string; expiresAt: Date }> {
  const { hash, apiKey, endsBy, requestId } = session;
  const [opened] = await queryRows<{ id: string; expiresAt: Date }>(
    trx,
    `insert into console_sessions (hash, api_key, expires_at)
     values (:hash, :apiKey, least(now() + ${LIFE}, :endsBy::timestamptz)) returning id, expires_at as "expiresAt"`,
    { hash, apiKey, endsBy },
  );
  if (!opened) throw new Error('The session was not stored.');
  const { id: subject } = opened;
  const reason = 'signed in';
  await insertAuditEntry(trx, { apiKey, requestId, action: 'console-sessions.open', subject, reason });
  return opened;
}

async function endSession(trx: Database, { id, platforms, audit }: SessionEnd): Promise<boolean> {
  const ended = await queryRows(
    trx,
    `update console_sessions s set revoked_at = now() from api_keys k
     where s.id = :id and ${IS_ALIVE} and ${isWithinReach('k.platforms')} returning s.id`,
    { id, platforms: platforms && [...platforms] },
  );
  if (ended.length > 0) await insertAuditEntry(trx, { ...audit, subject: id });
  return ended.length > 0;
}
