import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import type { Disabler, NoticeFormat, NoticeKind } from '../../domain/notice.js';
import { instantText } from '../server/instant-text.js';
import { queryRows, type Database } from '../server/knex.js';
import { isWithinReach } from '../access/reach.js';
import { sealedPlace } from '../vault/sealed-columns.js';
import type { Sealed, Vault } from '../vault/vault.js';

type Platforms = readonly string[] | null;

/** What an endpoint wants to hear. */
export interface NoticeWishes {
  format: NoticeFormat;
  kinds: readonly NoticeKind[];
  /** LTI ids; null: of all. A course is one of the platform. */
  platformId: string | null;
  contextId: string | null;
  /** Between two digests. */
  digestMinutes: number;
  description: string | null;
}

/** An endpoint as shown to people: never its address as a whole, never a secret. */
export interface NoticeEndpoint extends NoticeWishes {
  id: string;
  seq: string;
  /** Scheme and host of its address. */
  origin: string;
  kinds: NoticeKind[];
  /** Platform ids that its notices may be about, since whoever made it sees no others; null: all. */
  platforms: string[] | null;
  /** Newest first. One that ends signs beside its successor until then. */
  secrets: { id: string; createdAt: string; endsAt: string | null }[];
  /** Tries in a row that failed. */
  failures: number;
  failingSince: Date | null;
  disabledAt: Date | null;
  disabledBy: Disabler | null;
  createdAt: Date;
  updatedAt: Date;
}

export interface NewNoticeEndpoint extends NoticeWishes {
  url: string;
  secret: string;
  platforms: Platforms;
}

export interface NoticeEndpointChange extends NoticeWishes {
  id: string;
  /** Undefined: as it is. */
  url?: string | undefined;
  disabled: boolean;
}

interface Visible {
  /** What the caller may see: endpoints that reach no further; null: all. */
  platforms: Platforms;
}

export interface NoticeEndpoints {
  insert(endpoint: NewNoticeEndpoint): Promise<NoticeEndpoint>;
  /** Oldest first, those after a `seq`. */
  list(page: Visible & { after: string | null; limit: number }): Promise<NoticeEndpoint[]>;
  find(visible: Visible & { id: string }): Promise<NoticeEndpoint | undefined>;
  /** What is open under another filter is told anew; what is no longer wanted is forgotten. */
  change(change: NoticeEndpointChange): Promise<void>;
  /** With what it was told. */
  delete(id: string): Promise<void>;
  listTroubles(): Promise<EndpointTrouble[]>;
  /** The last secret signs for another day beside the new one. */
  rotateSecret(id: string, secret: string): Promise<void>;
}

/** Endpoints with the same trouble, of makers who see the same. */
export interface EndpointTrouble {
  /** Whoever may see all of them may see it; null: those who see all. */
  platforms: readonly string[] | null;
  /** Switched off by failures; or nobody has found out for minutes what they are to be told. */
  kind: 'disabled' | 'neglected';
  origins: string[];
  since: Date;
}

export const ENDPOINT_VISIBLE = isWithinReach('e.platforms');

const SELECT = `
select e.id, e.seq, e.origin, e.format, e.kinds, e.platforms, e.platform_id as "platformId", e.context_id as "contextId",
  e.digest_minutes as "digestMinutes", e.description, e.failures, e.failing_since as "failingSince",
  e.disabled_at as "disabledAt", e.disabled_by as "disabledBy", e.created_at as "createdAt", e.updated_at as "updatedAt",
  (select json_agg(json_build_object('id', k.id, 'createdAt', ${instantText('k.created_at')},
     'endsAt', ${instantText('k.ends_at')}) order by k.created_at desc, k.id)
   from notice_secrets k where k.endpoint = e.id and coalesce(k.ends_at > now(), true)) as secrets
from notice_endpoints e where ${ENDPOINT_VISIBLE}`;

/** A sweep looks once a minute. */
const TROUBLES = `
select e.platforms, t.kind, array_agg(e.origin order by e.seq) as origins, min(t.since) as since
from notice_endpoints e cross join lateral (
  select 'disabled' as kind, e.disabled_at as since where e.disabled_by in ('failures', 'gone')
  union all
  select 'neglected', e.looked_at where e.disabled_at is null and e.looked_at < now() - interval '10 minutes') t
group by e.platforms, t.kind order by t.kind, since`;

export function createNoticeEndpoints(db: Knex, vault: Vault): NoticeEndpoints {
  const find: NoticeEndpoints['find'] = async ({ id, platforms }) => {
    const bindings = { id, platforms: platforms && [...platforms] };
    return (await queryRows<NoticeEndpoint>(db, `${SELECT} and e.id = :id`, bindings))[0];
  };
  return {
    async insert(endpoint) {
      const id = randomUUID();
      await db.transaction((trx) => insertEndpoint(trx, vault, id, endpoint));
      const made = await find({ id, platforms: null });
      if (!made) throw new Error('An endpoint is gone that was made a moment ago.');
      return made;
    },
    list: ({ platforms, after, limit }) =>
      queryRows(db, `${SELECT} and (:after::bigint is null or e.seq > :after::bigint) order by e.seq limit :limit`, {
        platforms: platforms && [...platforms],
        after,
        limit,
      }),
    find,
    change: (change) => db.transaction((trx) => changeEndpoint(trx, vault, change)),
    async delete(id) {
      await db.raw('delete from notice_endpoints where id = ?', [id]);
    },
    listTroubles: () => queryRows(db, TROUBLES),
    rotateSecret: (id, secret) =>
      db.transaction(async (trx) => {
        await trx.raw('select from notice_endpoints where id = ? for update', [id]);
        await trx.raw('delete from notice_secrets where endpoint = ? and ends_at is not null', [id]);
        await trx.raw(`update notice_secrets set ends_at = now() + interval '1 day' where endpoint = ?`, [id]);
        await insertSecret(trx, vault, id, secret);
      }),
  };
}

async function insertEndpoint(
  trx: Database,
  vault: Vault,
  id: string,
  { url, secret, platforms, ...wishes }: NewNoticeEndpoint,
): Promise<void> {
  const { dataKey, ciphertext } = await sealUrl(trx, vault, id, url);
  await trx.raw(
    `insert into notice_endpoints (id, origin, url_ciphertext, url_data_key, format, kinds, platforms, platform_id,
       context_id, description, digest_minutes)
     values (:id, :origin, :ciphertext, :dataKey, :format, :kinds, :platforms, :platformId, :contextId, :description,
       :digestMinutes)`,
    {
      ...{ ...wishes, id, ciphertext, dataKey, origin: new URL(url).origin },
      kinds: [...wishes.kinds],
      platforms: platforms && [...platforms],
    },
  );
  await insertSecret(trx, vault, id, secret);
}

/** One that is let go again begins afresh: its failures are forgotten, and only what changes from now on is told of scores. */
async function changeEndpoint(
  trx: Database,
  vault: Vault,
  { id, url, disabled, ...wishes }: NoticeEndpointChange,
): Promise<void> {
  const bindings = { ...wishes, id, disabled, kinds: [...wishes.kinds] };
  await trx.raw(
    `delete from open_notices o using notice_endpoints e
     where e.id = :id and o.endpoint = e.id and (o.kind <> all (:kinds::text[])
       or (e.platform_id, e.context_id) is distinct from (:platformId::text, :contextId::text))`,
    bindings,
  );
  await trx.raw(
    `update notice_endpoints set format = :format, platform_id = :platformId, context_id = :contextId,
       digest_minutes = :digestMinutes, description = :description,
       outcomes_at = case when 'scoreOutcome' = any (kinds) and disabled_at is null then outcomes_at else now() end,
       digest_from = case when 'scoresRejected' = any (kinds) and disabled_at is null then digest_from else now() end,
       kinds = :kinds, failures = case when :disabled then failures else 0 end,
       failing_since = case when :disabled then failing_since end, rest_until = case when :disabled then rest_until end,
       looked_at = case when disabled_at is null then looked_at else now() end,
       disabled_at = case when :disabled then coalesce(disabled_at, now()) end,
       disabled_by = case when :disabled then coalesce(disabled_by, 'operator') end, updated_at = now()
     where id = :id`,
    bindings,
  );
  if (url === undefined) return;
  const { dataKey, ciphertext } = await sealUrl(trx, vault, id, url);
  await trx.raw(
    'update notice_endpoints set origin = :origin, url_ciphertext = :ciphertext, url_data_key = :dataKey where id = :id',
    { id, origin: new URL(url).origin, ciphertext, dataKey },
  );
}

async function sealUrl(trx: Database, vault: Vault, id: string, url: string): Promise<Sealed> {
  return (await vault.lockSealer(trx, null)).seal(url, sealedPlace('noticeUrl', id));
}

async function insertSecret(trx: Database, vault: Vault, endpoint: string, secret: string): Promise<void> {
  const id = randomUUID();
  const sealer = await vault.lockSealer(trx, null);
  const { dataKey, ciphertext } = sealer.seal(secret, sealedPlace('noticeSecret', id, endpoint));
  await trx.raw(
    `insert into notice_secrets (id, endpoint, ciphertext, data_key, created_at)
     values (:id, :endpoint, :ciphertext, :dataKey, clock_timestamp())`,
    { id, endpoint, ciphertext, dataKey },
  );
}

/** Where an endpoint is, and what signs for it, newest first. @throws {DecryptionError} */
export async function revealEndpoint(
  db: Database,
  vault: Vault,
  id: string,
): Promise<{ url: string; secrets: string[] } | undefined> {
  const [address] = await queryRows<Sealed>(
    db,
    'select url_data_key as "dataKey", url_ciphertext as ciphertext from notice_endpoints where id = ?',
    [id],
  );
  if (!address) return undefined;
  const secrets = await queryRows<Sealed & { id: string }>(
    db,
    `select id, data_key as "dataKey", ciphertext from notice_secrets
     where endpoint = ? and coalesce(ends_at > now(), true) order by created_at desc`,
    [id],
  );
  const opener = await vault.opener(
    db,
    [address, ...secrets].map(({ dataKey }) => dataKey),
  );
  return {
    url: opener.open(address, sealedPlace('noticeUrl', id)),
    secrets: secrets.map((secret) => opener.open(secret, sealedPlace('noticeSecret', secret.id, id))),
  };
}
