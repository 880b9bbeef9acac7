import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import type { EventMapping, SourceLimits, Verification } from '../../domain/webhook-source.js';
import { instantText } from '../server/instant-text.js';
import { queryRows, type Database } from '../server/knex.js';
import { isWithinReach } from '../access/reach.js';
import { DecryptionError } from '../vault/decryption-error.js';
import { sealedPlace } from '../vault/sealed-columns.js';
import type { Sealed, Vault } from '../vault/vault.js';

type Platforms = readonly string[] | null;

/** How a source's events are checked and read, and what limits them. */
export interface SourceParts {
  verification: Verification;
  mapping: EventMapping;
  limits: SourceLimits;
}

/** A source as shown to people: never a secret. */
export interface WebhookSource extends SourceParts {
  id: string;
  name: string;
  /** Platform ids that its events may write to; null: all. */
  platforms: string[] | null;
  disabled: boolean;
  /** Newest first. */
  secrets: { id: string; createdAt: string }[];
  createdAt: Date;
  updatedAt: Date;
}

/** A source with what receiving its events needs. */
export interface RevealedSource extends SourceParts {
  id: string;
  name: string;
  secrets: string[];
  /** Secrets that cannot be decrypted. */
  unreadable: number;
}

export interface NewWebhookSource extends SourceParts {
  name: string;
  platforms: Platforms;
  secret: string;
}

interface Named {
  name: string;
  /** What the caller may see: sources that reach no further; null: all. */
  platforms: Platforms;
}

export interface WebhookSources {
  /** Undefined when the name is taken. */
  insert(source: NewWebhookSource): Promise<WebhookSource | undefined>;
  /** In the order of their names. */
  list(platforms: Platforms): Promise<WebhookSource[]>;
  find(named: Named): Promise<WebhookSource | undefined>;
  change(change: SourceParts & { id: string; disabled: boolean }): Promise<void>;
  /** With its references and events; the scores that came of them stay. */
  delete(id: string): Promise<{ events: number }>;
  /** Two are valid at a time: a third ends the oldest. False: it is there already, and nothing changed. */
  addSecret(id: string, secret: string): Promise<boolean>;
  /** False when there is no such secret, or it is the last one. */
  deleteSecret(id: string, secret: string): Promise<boolean>;
  /** All that are not disabled, or the one of this id. */
  reveal(id?: string): Promise<RevealedSource[]>;
}

export const SOURCE_VISIBLE = isWithinReach('o.platforms');

const SELECT = `
select o.id, o.name, o.platforms, o.disabled, o.verification, o.mapping, o.limits, o.created_at as "createdAt",
  o.updated_at as "updatedAt",
  (select coalesce(json_agg(json_build_object('id', k.id, 'createdAt', ${instantText('k.created_at')}) order by k.created_at desc, k.id), '[]')
   from webhook_secrets k where k.source = o.id) as secrets
from webhook_sources o where ${SOURCE_VISIBLE}`;

export function createWebhookSources(db: Knex, vault: Vault): WebhookSources {
  const find = async ({ name, platforms }: Named): Promise<WebhookSource | undefined> => {
    const bindings = { name, platforms: platforms && [...platforms] };
    return (await queryRows<WebhookSource>(db, `${SELECT} and o.name = :name`, bindings))[0];
  };
  return {
    async insert(source) {
      const isNew = await db.transaction((trx) => insertSource(trx, vault, source));
      return isNew ? find({ name: source.name, platforms: null }) : undefined;
    },
    list: (platforms) => queryRows(db, `${SELECT} order by o.name`, { platforms: platforms && [...platforms] }),
    find,
    async change({ id, disabled, ...parts }) {
      await db.raw(
        `update webhook_sources set verification = :verification, mapping = :mapping, limits = :limits,
           disabled = :disabled, updated_at = now() where id = :id`,
        { id, disabled, ...toJson(parts) },
      );
    },
    async delete(id) {
      const [row] = await queryRows<{ events: number }>(
        db,
        `with deleted as (delete from webhook_sources where id = :id)
         select count(*)::int as events from webhook_events where source = :id`,
        { id },
      );
      return row ?? { events: 0 };
    },
    addSecret: (id, secret) =>
      db.transaction(async (trx) => {
        await trx.raw('select from webhook_sources where id = ? for update', [id]);
        const [held] = await revealSources(trx, vault, id);
        if (held?.secrets.includes(secret)) return false;
        await insertSecret(trx, vault, id, secret);
        await trx.raw(
          `delete from webhook_secrets where source = :id and id not in (
             select id from webhook_secrets where source = :id order by created_at desc, id limit 2)`,
          { id },
        );
        return true;
      }),
    deleteSecret: (id, secret) =>
      db.transaction(async (trx) => {
        await trx.raw('select from webhook_sources where id = ? for update', [id]);
        const deleted = await queryRows(
          trx,
          `delete from webhook_secrets where source = :id and id = :secret
             and exists (select from webhook_secrets where source = :id and id <> :secret) returning id`,
          { id, secret },
        );
        return deleted.length > 0;
      }),
    reveal: (id) => revealSources(db, vault, id ?? null),
  };
}

/** False: there is one of that name. */
async function insertSource(
  trx: Database,
  vault: Vault,
  { name, platforms, secret, verification, mapping, limits }: NewWebhookSource,
): Promise<boolean> {
  const [row] = await queryRows<{ id: string }>(
    trx,
    `insert into webhook_sources (name, platforms, verification, mapping, limits)
     values (:name, :platforms, :verification, :mapping, :limits) on conflict (name) do nothing returning id`,
    { name, platforms: platforms && [...platforms], ...toJson({ verification, mapping, limits }) },
  );
  if (row) await insertSecret(trx, vault, row.id, secret);
  return row !== undefined;
}

function toJson(parts: Pick<WebhookSource, 'verification' | 'mapping' | 'limits'>): Record<string, string> {
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, JSON.stringify(part)]));
}

/** `clock_timestamp`, since two that are added in one transaction must have an order. */
async function insertSecret(trx: Database, vault: Vault, source: string, secret: string): Promise<void> {
  const id = randomUUID();
  const sealer = await vault.lockSealer(trx, null);
  const { dataKey, ciphertext } = sealer.seal(secret, sealedPlace('webhookSecret', id, source));
  await trx.raw(
    `insert into webhook_secrets (id, source, ciphertext, data_key, created_at)
     values (:id, :source, :ciphertext, :dataKey, clock_timestamp())`,
    { id, source, ciphertext, dataKey },
  );
}

interface SealedRow extends Sealed, Pick<WebhookSource, 'id' | 'name' | 'verification' | 'mapping' | 'limits'> {
  secretId: string;
}

async function revealSources(db: Database, vault: Vault, id: string | null): Promise<RevealedSource[]> {
  const rows = await queryRows<SealedRow>(
    db,
    `select o.id, o.name, o.verification, o.mapping, o.limits, k.id as "secretId", k.data_key as "dataKey",
       k.ciphertext
     from webhook_sources o join webhook_secrets k on k.source = o.id
     where case when :id::uuid is null then not o.disabled else o.id = :id end order by k.created_at desc`,
    { id },
  );
  const sources = new Map<string, RevealedSource>();
  const opener = await vault.opener(
    db,
    rows.map(({ dataKey }) => dataKey),
  );
  for (const { secretId, dataKey, ciphertext, ...source } of rows) {
    const opened = sources.get(source.id) ?? { ...source, secrets: [], unreadable: 0 };
    sources.set(source.id, opened);
    try {
      const place = sealedPlace('webhookSecret', secretId, source.id);
      opened.secrets.push(opener.open({ dataKey, ciphertext }, place));
    } catch (error) {
      if (!(error instanceof DecryptionError)) throw error;
      opened.unreadable += 1;
    }
  }
  return [...sources.values()];
}
