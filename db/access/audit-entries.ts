import { AUDIT_HEAD, type AuditHead } from './audit-chain.js';
import { queryRows, type Database } from '../server/knex.js';
import { isWithinReach } from './reach.js';

/** What an operator did: who, what, to what, why. Never a secret, never a student. */
export interface AuditEntry {
  /** The key that the operator came with. */
  apiKey: string;
  /** Verb phrase with its noun first, such as `scores.retry`. */
  action: string;
  /** Our id of the thing, or a count of them. */
  subject: string;
  /** In the operator's own words; null where none are asked for. */
  reason: string | null;
  /** Of the request that did it, by which our log is searched. */
  requestId?: string | null | undefined;
  /** The entry of what was asked for (`ask`) that this one answers, and how that went. Without, it is done. */
  answer?: { to: string; outcome: 'done' | 'failed' } | undefined;
  details?: Readonly<Record<string, unknown>> | undefined;
  /**
   * Platform ids that it concerns, where the subject does not say so: it is gone by then, or many things. Who sees one of
   * them only reads the entry, so nothing belongs here that the caller does not see.
   */
  platforms?: readonly string[] | null | undefined;
}

/** A deed whose subject is known when it is done. */
export type AuditDeed = Omit<AuditEntry, 'subject' | 'details'>;

/**
 * `asked`: it is about to be done where no transaction of ours reaches, and another entry answers how that went; without an
 * answer, nobody knows. `failed`: it ended in an error; where nobody answered, it may be done all the same.
 */
export type AuditOutcome = 'asked' | 'done' | 'failed';

/** One entry, as it is read. */
export interface KeptAuditEntry {
  /** Its place in the chain: a running number without gaps. */
  id: string;
  at: Date;
  apiKey: string | null;
  /** What people call the key; null where the reader does not see the key. */
  keyName: string | null;
  action: string;
  subject: string;
  reason: string | null;
  details: Record<string, unknown> | null;
  requestId: string | null;
  outcome: AuditOutcome;
  /** The entry that it answers. */
  answers: string | null;
  /** In hexadecimal digits. */
  hash: string;
}

export interface AuditFilter {
  /** What the caller sees: what concerns these platforms, and the deeds of keys that reach no further; null: all. */
  platforms: readonly string[] | null;
  apiKey?: string | undefined;
  outcome?: AuditOutcome | undefined;
  /** Entries that concern this one, by its id in the LMS. */
  platformId?: string | undefined;
  requestId?: string | undefined;
  /** `scores.retry`, or its noun alone. */
  action?: string | undefined;
  subject?: string | undefined;
  since?: Date | undefined;
  until?: Date | undefined;
  /** Older than this one. */
  before: string | null;
  limit: number;
}

export interface AuditTrail {
  insert(entry: AuditEntry): Promise<void>;
  /** Says that something is about to be done outside of PostgreSQL, and gives the id of the entry. */
  ask(entry: AuditEntry): Promise<string>;
  /** The newest entry of the chain. */
  head(): Promise<AuditHead>;
  /** Newest first. */
  list(filter: AuditFilter): Promise<KeptAuditEntry[]>;
}

export function createAuditTrail(db: Database): AuditTrail {
  return {
    insert: (entry) => insertAuditEntry(db, entry),
    ask: (entry) => insertEntry(db, entry, 'asked'),
    async head() {
      const [head] = await queryRows<AuditHead>(db, AUDIT_HEAD);
      if (!head) throw new Error('The audit trail has no chain.');
      return head;
    },
    list: (filter) => list(db, filter),
  };
}

const OF_PLATFORM = 'select array[p.platform_id] from platforms p';
/** Who sees the platform sees these too. */
const OF_DEPLOYMENT =
  'select array[deployment_entry(p.platform_id, d.deployment_id)] from platforms p join deployments d on d.platform = p.id';
const OF_CONTEXT = `${OF_DEPLOYMENT} join contexts c on c.deployment = d.id`;
const BY_SUBJECT = `= cast(:subject as uuid)`;

/** The platforms of a subject by the noun of its action. Of other nouns a subject may be of all. */
const PLATFORMS: Readonly<Record<string, string>> = {
  platforms: `${OF_PLATFORM} where p.id ${BY_SUBJECT}`,
  deployments: `${OF_DEPLOYMENT} where d.id ${BY_SUBJECT}`,
  contexts: `${OF_CONTEXT} where c.id ${BY_SUBJECT}`,
  syncs: `${OF_CONTEXT} where c.id ${BY_SUBJECT}`,
  'line-items': `${OF_CONTEXT} join line_items l on l.context = c.id where l.id ${BY_SUBJECT}`,
  scores: `${OF_CONTEXT} join scores s on s.context = c.id where s.id ${BY_SUBJECT}`,
  'webhook-events': `select s.platforms from webhook_events e join webhook_sources s on s.id = e.source where e.id ${BY_SUBJECT}`,
  'bulk-operations': `select platforms from bulk_operations where id ${BY_SUBJECT}`,
  'api-keys': `select platforms from api_keys where id ${BY_SUBJECT}`,
  'console-sessions': `select k.platforms from console_sessions s join api_keys k on k.id = s.api_key where s.id ${BY_SUBJECT}`,
};
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Keeps an entry for good. Pass the transaction of the deed itself, so that neither stands without the other, and write
 * nothing after it: from here to the end of the transaction all other deeds wait for their place in the chain.
 */
export async function insertAuditEntry(db: Database, entry: AuditEntry): Promise<void> {
  await insertEntry(db, entry, entry.answer?.outcome ?? 'done');
}

async function insertEntry(db: Database, entry: AuditEntry, outcome: AuditOutcome): Promise<string> {
  const { apiKey, action, subject, reason, details, platforms, requestId = null, answer } = entry;
  const [noun = ''] = action.split('.');
  const ofSubject = UUID.test(subject) ? PLATFORMS[noun] : undefined;
  const [row] = await queryRows<{ id: string }>(
    db,
    `insert into audit_entries (api_key, action, subject, reason, details, platforms, request_id, outcome, answers)
     values (:apiKey, :action, :subject, :reason, :details, coalesce(:platforms::text[], (${ofSubject ?? 'null'})),
       :requestId, :outcome, :answers)
     returning id`,
    {
      ...{ apiKey, action, subject, reason, requestId, outcome, answers: answer?.to ?? null },
      details: details ? JSON.stringify(details) : null,
      platforms: platforms ? [...platforms] : null,
    },
  );
  if (!row) throw new Error('An audit entry was not written.');
  return row.id;
}

/** Whether a reader of some platforms sees all that the key `k` may do. */
const IS_WITHIN_REACH = isWithinReach('k.platforms');

function list(db: Database, { platforms, before, limit, ...filter }: AuditFilter): Promise<KeptAuditEntry[]> {
  const { apiKey = null, action = null, subject = null, since = null, until = null } = filter;
  const { outcome = null, platformId = null, requestId = null } = filter;
  return queryRows(
    db,
    `select a.id, a.at, a.api_key as "apiKey", case when ${IS_WITHIN_REACH} then k.name end as "keyName", a.action,
       a.subject, a.reason, a.details, a.request_id as "requestId", a.outcome, a.answers, encode(a.hash, 'hex') as hash
     from audit_entries a left join api_keys k on k.id = a.api_key
     where (${IS_WITHIN_REACH} or ${isWithinReach('a.platforms')})
       and (:apiKey::uuid is null or a.api_key = :apiKey::uuid)
       and (:action::text is null or a.action = :action or a.action like :action || '.%')
       and (:subject::text is null or a.subject = :subject)
       and (:outcome::text is null or a.outcome = :outcome)
       and (:requestId::uuid is null or a.request_id = :requestId::uuid)
       and (:platformId::text is null or platforms_of_reach(a.platforms) @> array[:platformId::text])
       and (:since::timestamptz is null or a.at >= :since::timestamptz)
       and (:until::timestamptz is null or a.at < :until::timestamptz)
       and (:before::bigint is null or a.id < :before::bigint)
     order by a.id desc limit :limit`,
    {
      ...{ apiKey, action, subject, since, until, outcome, platformId, requestId, before, limit },
      platforms: platforms && [...platforms],
    },
  );
}
