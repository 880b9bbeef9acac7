/**
 * The chain of the audit trail: each entry carries the hash of the one before and its own, so that one which is changed,
 * removed or put in breaks it. Who owns the database can write a whole new chain; a head that was kept elsewhere tells.
 */
import { createHash } from 'node:crypto';
import { queryRows, type Database } from '../server/knex.js';

/** An entry, and with it all before. */
export interface AuditHead {
  /** The id of the entry; 0: there is none yet. */
  position: string;
  /** SHA-256, in hexadecimal digits. */
  hash: string;
}

export const AUDIT_HEAD = `select position, encode(hash, 'hex') as hash from audit_chain`;

export type VerifiedAudit =
  | {
      isWhole: true;
      /** Entries that were looked at. */
      entries: number;
      /** Retention has removed the entries up to this one; 0: none. */
      begunAfter: string;
      head: AuditHead;
    }
  | { isWhole: false; position: string; /** What is wrong there. */ fault: string };

export interface VerifyOptions {
  /** Heads that were kept elsewhere: the chain must lead through each. */
  kept?: readonly AuditHead[];
  /** Entries of one page. Default 5,000. */
  pageSize?: number;
}

interface Link {
  id: string;
  previous: string;
  hash: string;
  text: string;
}

interface Ends extends AuditHead {
  begunAfter: string;
  begunWith: string;
}

const PAGE = 5_000;

/**
 * The text of an entry that is hashed, as `audit_hash` makes it (20261128_3000_audit_entries__chain), from functions of
 * PostgreSQL alone, and hashed here: whoever changes our functions in the database deceives nobody.
 */
const TEXT = `jsonb_build_array(e.id, to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), e.api_key, e.action,
  e.subject, e.reason, e.details, e.platforms, e.request_id, e.outcome, e.answers, encode(e.previous, 'hex'))::text`;

const LINKS = `
select e.id, encode(e.previous, 'hex') as previous, encode(e.hash, 'hex') as hash, ${TEXT} as text
from audit_entries e where e.id > :after::bigint and e.id <= :upTo::bigint order by e.id limit :limit`;

/** Rows before where the chain begins, or beyond its head, which no trigger has put in. */
const STRAYS = `
select e.id from audit_entries e, audit_chain c where e.id <= c.begins_after or e.id > c.position order by e.id limit 1`;

const ENDS = `
select position, encode(hash, 'hex') as hash, begins_after as "begunAfter", encode(begins_with, 'hex') as "begunWith"
from audit_chain`;

/** Follows the chain from its beginning to the head that it has when this begins, in pages, and names the first break. */
export async function verifyAudit(
  db: Database,
  { kept = [], pageSize = PAGE }: VerifyOptions = {},
): Promise<VerifiedAudit> {
  const [ends] = await queryRows<Ends>(db, ENDS);
  if (!ends) return broken('0', 'The row of audit_chain is gone, which holds the head.');
  const hashes = new Map(kept.map(({ position, hash }) => [position, hash.toLowerCase()]));
  let at: AuditHead = { position: ends.begunAfter, hash: ends.begunWith };
  for (let isLast = false; !isLast;) {
    const page = await queryRows<Link>(db, LINKS, { after: at.position, upTo: ends.position, limit: pageSize });
    for (const link of page) {
      const fault = faultOf(link, at) ?? faultOfKept(link, hashes);
      if (fault !== undefined) return fault;
      at = { position: link.id, hash: link.hash };
    }
    isLast = page.length < pageSize;
  }
  const [stray] = await queryRows<{ id: string }>(db, STRAYS);
  const { position, hash, begunAfter } = ends;
  return (
    faultOfEnd(at, ends, kept) ??
    (stray && broken(stray.id, 'It was put in beside the chain.')) ?? {
      ...{ isWhole: true, begunAfter, head: { position, hash } },
      entries: Number(BigInt(position) - BigInt(begunAfter)),
    }
  );
}

function broken(position: string, fault: string): VerifiedAudit {
  return { isWhole: false, position, fault };
}

function faultOf({ id, previous, hash, text }: Link, before: AuditHead): VerifiedAudit | undefined {
  const expected = BigInt(before.position) + 1n;
  if (BigInt(id) !== expected) return broken(String(expected), `It was removed; the next one that is there is ${id}.`);
  if (createHash('sha256').update(text).digest('hex') !== hash) return broken(id, 'It was changed.');
  if (previous === before.hash) return undefined;
  return broken(id, `It does not follow from ${before.position}: one of the two was written anew.`);
}

function faultOfKept({ id, hash }: Pick<Link, 'id' | 'hash'>, kept: ReadonlyMap<string, string>) {
  const known = kept.get(id);
  if (known === undefined || known === hash) return undefined;
  return broken(id, 'Its hash is another than the one that was kept: the chain up to here was written anew.');
}

function faultOfEnd(reached: AuditHead, ends: Ends, kept: readonly AuditHead[]): VerifiedAudit | undefined {
  if (reached.position !== ends.position) {
    return broken(String(BigInt(reached.position) + 1n), `It was removed, with all up to ${ends.position}.`);
  }
  if (reached.hash !== ends.hash)
    return broken(ends.position, 'It is not the entry of which audit_chain has the hash.');
  const beyond = kept.find(({ position }) => BigInt(position) > BigInt(ends.position));
  if (beyond) {
    const next = String(BigInt(ends.position) + 1n);
    return broken(next, `It was removed, with all up to ${beyond.position}, of which the hash was kept.`);
  }
  const atBeginning = new Map(kept.map(({ position, hash }) => [position, hash.toLowerCase()]));
  return ends.begunAfter === '0' ? undefined : faultOfKept({ id: ends.begunAfter, hash: ends.begunWith }, atBeginning);
}
