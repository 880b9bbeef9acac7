import { queryRows, type Database } from '../server/knex.js';

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

/** A session ends twelve hours after the sign-in, an hour after the last thing that a person did, and with its API key. */
export interface ConsoleSessions {
  /** `hash`: SHA-256 of what the browser holds. */
  open(session: { hash: Buffer; apiKey: string }): Promise<{ id: string; expiresAt: Date }>;
  /** The living session with this hash. `isPerson`: somebody did something, so its hour begins anew. */
  find(hash: Buffer, options: { isPerson: boolean }): Promise<ConsoleSession | undefined>;
  /** Hashes of all living ones, in base64. */
  listHashes(): Promise<string[]>;
  /** The living ones, newest first, of keys that reach no further than `platforms`. */
  list(page: SessionPage): Promise<ConsoleSession[]>;
  /** False when there is none (any more). */
  revoke(id: string, platforms: readonly string[] | null): Promise<boolean>;
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
  and k.id = s.api_key and k.revoked_at is null`;
const IS_VISIBLE = `(:platforms::text[] is null or k.platforms <@ :platforms::text[])`;

export function createConsoleSessions(db: Database): ConsoleSessions {
  return {
    async open(session) {
      const [opened] = await queryRows<{ id: string; expiresAt: Date }>(
        db,
        `insert into console_sessions (hash, api_key, expires_at) values (:hash, :apiKey, now() + ${LIFE})
         returning id, expires_at as "expiresAt"`,
        session,
      );
      if (!opened) throw new Error('The session was not stored.');
      return opened;
    },
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
        `select ${COLUMNS} from console_sessions s, api_keys k where ${IS_ALIVE} and ${IS_VISIBLE}
           and (:after::uuid is null
             or (s.created_at, s.id) < (select l.created_at, l.id from console_sessions l
               join api_keys k on k.id = l.api_key where l.id = :after::uuid and ${IS_VISIBLE}))
         order by s.created_at desc, s.id desc limit :limit`,
        { platforms: platforms && [...platforms], after, limit },
      ),
    async revoke(id, platforms) {
      const revoked = await queryRows(
        db,
        `update console_sessions s set revoked_at = now() from api_keys k
         where s.id = :id and ${IS_ALIVE} and ${IS_VISIBLE} returning s.id`,
        { id, platforms: platforms && [...platforms] },
      );
      return revoked.length > 0;
    },
    async prune() {
      const sql = `delete from console_sessions where expires_at < now() - interval '30 days' returning 1`;
      return (await queryRows(db, sql)).length;
    },
  };
}
