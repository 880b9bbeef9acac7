import { queryRows, type Database } from '../server/knex.js';

/** What an operator did: who, what, to what, why. Never a secret, never a student. */
export interface AuditEntry {
  /** The key that the operator came with. */
  apiKey: string;
  /** Verb phrase with its noun first, such as `scores.retry`. */
  action: string;
  /** Our id of the thing, or a count of them. */
  subject: string;
  /** In the operator's own words. */
  reason: string;
  details?: Readonly<Record<string, unknown>> | undefined;
}

/** Keeps an entry for good; pass the transaction of the deed itself, so that neither stands without the other. */
export async function insertAuditEntry(db: Database, entry: AuditEntry): Promise<void> {
  await queryRows(
    db,
    `insert into audit_entries (api_key, action, subject, reason, details)
     values (:apiKey, :action, :subject, :reason, :details)`,
    {
      apiKey: entry.apiKey,
      action: entry.action,
      subject: entry.subject,
      reason: entry.reason,
      details: entry.details ? JSON.stringify(entry.details) : null,
    },
  );
}
