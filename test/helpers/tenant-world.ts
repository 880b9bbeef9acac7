/** Two institutions that share one Passback, and an operator of both. */
import { randomUUID } from 'node:crypto';
import { noteOf } from '../../api/schedules/notes.js';
import { queryRows } from '../../db/server/knex.js';
import { createTestApi, type TestApi } from './app.js';
import { createBackfillsOfTest } from './backfills.js';
import { createSchedules } from './console.js';
import { insertApiKey, insertPlatform } from './factories.js';
import { createTenant, RETRIED, type Tenant } from './tenant.js';
import { createSource, REFERENCE_MAPPING } from './webhooks.js';

export interface TenantWorld {
  /** What each of the two has to itself, and its keys are limited to: a platform, or a deployment of one that they share. */
  has: 'platform' | 'deployment';
  api: TestApi;
  /** Who asks, and who is asked about. */
  asker: Tenant;
  other: Tenant;
  /** A key that is limited to the asker, with these scopes. */
  keyOf: (scopes: readonly string[], columns?: { revoked_at: Date }) => Promise<string>;
  /** All rows of the other, as they were when both were made. */
  watch: RowWatch;
  /** What the asker must read nowhere: words and ids of the other, and words of the operator. */
  findLeak: (text: string) => string | undefined;
}

export interface RowWatch {
  /** What the rows of the other have come to since the last look: those that are gone or changed, and new ones that name it. */
  look(): Promise<string[]>;
}

const OPERATOR = 'opcanary';

export async function createTenantWorld(has: TenantWorld['has']): Promise<TenantWorld> {
  const schedules = createSchedules();
  const note = { apiKeyId: randomUUID(), at: new Date().toISOString(), id: randomUUID() };
  const paused = (await schedules.list()).map((one) => ({ ...one, paused: true, note: noteOf('paused', note) }));
  const find = async (name: string) => paused.find((one) => one.name === name);
  const api = await createTestApi({ schedules: { ...schedules, list: async () => paused, find } });
  const { db } = api;
  const platformId = 'lms-of-both';
  const shared = has === 'deployment' ? { platformId, ...(await insertPlatform(db, { platformId })) } : undefined;
  const before = await readRows(api);
  const other = await createTenant(api, 'bcanary', shared);
  const uuids = uuidsOf(await readRows(api), before);
  const asker = await createTenant(api, 'acanary', shared);
  await operate(api, { asker, other, note: note.id });
  const kept = (await readRows(api)).filter((row) => isOf(row, { word: other.word, uuids }));
  const words = [other.word, OPERATOR, ...uuids];
  return {
    ...{ has, api, asker, other },
    keyOf: async (scopes, columns) =>
      (await insertApiKey(db, { platforms: asker.reach, scopes: [...scopes], ...(columns && { columns }) })).secret,
    watch: createRowWatch(api, { kept, uuids }),
    findLeak: (text) => words.find((word) => text.includes(word)),
  };
}

/** Deeds that concern both, or everything: the asker sees what became of its own, and none of the words. */
async function operate(
  api: TestApi,
  { asker, other, note }: { asker: Tenant; other: Tenant; note: string },
): Promise<void> {
  const { db } = api;
  const { secret: key } = await insertApiKey(db, { columns: { name: OPERATOR } });
  const reason = `why of ${OPERATOR}`;
  for (const [path, body] of [
    ['/v1/syncs', { all: true }],
    ['/v1/scores/retry', { filter: { failureType: RETRIED } }],
    ['/v1/api-keys', { name: OPERATOR, scopes: ['read'] }],
    [
      '/v1/notices',
      { url: `https://${OPERATOR}.example`, format: 'slack', kinds: ['nightIncomplete'], description: OPERATOR },
    ],
  ] as const) {
    const { status, text } = await api.call('POST', path, { key, body: { ...body, reason } });
    if (status >= 300) throw new Error(`${path} ${text}`);
  }
  const details = { note };
  await db('audit_entries').insert({ action: 'schedules.pause', subject: 'nightly-sync', reason, details });
  await createSource(api, { name: OPERATOR, mapping: REFERENCE_MAPPING });
  for (const { ids } of [asker, other]) {
    const { platformId, contextId, userId, lineItemId } = ids;
    const tie = { platformId, contextId, userId, lineItem: { id: lineItemId } };
    await api.call('PUT', `/v1/references/${OPERATOR}/${ids.reference}`, { body: tie });
  }
  const backfills = await createBackfillsOfTest(db);
  const lines = [asker, other].map(({ ids: { platformId, contextId, lineItemId, userId } }, place) => ({
    ...{ column: { platformId, contextId, lineItemId }, userId, scoreGiven: 3, scoreMaximum: 10, line: place + 2 },
  }));
  await backfills.preview(await backfills.upload(lines, { reason, author: OPERATOR }));
  await backfills.insert({ reason, author: OPERATOR });
}

interface Row {
  table: string;
  text: string;
}

/** What an asker is free to name, in words of its own: its deeds are kept as it asked for them. */
const ASKED = ['audit_entries', 'bulk_operations', 'idempotency_keys'];

function createRowWatch(api: TestApi, { kept, uuids }: { kept: readonly Row[]; uuids: ReadonlySet<string> }): RowWatch {
  let known = new Set(kept.map(nameOf));
  return {
    async look() {
      const now = await readRows(api);
      const names = new Set(now.map(nameOf));
      const gone = [...known].filter((name) => !names.has(name));
      const isNew = (row: Row): boolean =>
        !known.has(nameOf(row)) && !ASKED.includes(row.table) && isOf(row, { uuids });
      const come = now.filter(isNew).map(nameOf);
      // What was told once is not told of every route that comes after.
      known = new Set([...known].filter((name) => names.has(name)).concat(come));
      return [...gone.map((name) => `gone: ${name}`), ...come.map((name) => `new: ${name}`)];
    },
  };
}

const nameOf = ({ table, text }: Row): string => `${table} ${text}`;

async function readRows({ db }: TestApi): Promise<Row[]> {
  const tables = await queryRows<{ name: string }>(
    db,
    `select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      and not c.relispartition`,
  );
  const selects = tables.map(({ name }) => `select '${name}' as table, to_jsonb(t)::text as text from ${name} t`);
  return queryRows<Row>(db, selects.join(' union all '));
}

const UUID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g;

/** Those of its things, and not of what all share, such as data keys, or of what was there before. */
function uuidsOf(rows: readonly Row[], before: readonly Row[]): Set<string> {
  const uuidsIn = (some: readonly Row[]): string[] => some.flatMap(({ text }) => text.match(UUID) ?? []);
  const own = rows.filter(({ table, text }) => table !== 'api_keys' || text.includes('bcanary'));
  const known = new Set(uuidsIn(before));
  const ofAll = rows.filter(
    ({ table, text }) =>
      table === 'data_keys' &&
      (text.includes('"platform": null') || uuidsIn([{ table, text }]).some((id) => known.has(id))),
  );
  const shared = new Set([...known, ...uuidsIn(ofAll)]);
  return new Set(uuidsIn(own).filter((uuid) => !shared.has(uuid)));
}

function isOf({ text }: Row, { word, uuids }: { word?: string; uuids: ReadonlySet<string> }): boolean {
  return (word !== undefined && text.includes(word)) || (text.match(UUID) ?? []).some((uuid) => uuids.has(uuid));
}
