/** Where a launch happened: platform, deployment, context and resource link, made when first seen. */
import type { GradePolicy } from '../../domain/grade-policy.js';
import { DEFAULT_LIMITS, limitByOf, type LimitBy, type LmsFamily, type PlatformLimits } from '../../domain/platform.js';
import { queryRows, type Database } from '../server/knex.js';
import { findOrMakeGate, regroup } from '../platforms/gates.js';
import { changeFamilyLimits } from '../platforms/platforms.js';

export interface LaunchPlaces {
  platformId: string;
  platformUrl?: string | undefined;
  productFamilyCode?: string | undefined;
  /** A guess; one that an operator has set stays. */
  family: LmsFamily;
  deploymentId: string;
  contextId: string;
  contextTitle?: string | undefined;
  resourceLinkId?: string | undefined;
  resourceLinkTitle?: string | undefined;
}

/** Our uuids of the places, and whether anything was made or altered. */
export interface StoredPlaces {
  platform: string;
  context: string;
  deployment: string;
  gate: string;
  resourceLink: string | null;
  changed: boolean;
}

export type LimitsByFamily = Readonly<Record<LmsFamily, PlatformLimits>>;

/** Finds the places or makes them. Repeating is safe. Reads before it writes, so a usual launch writes nothing here. */
export async function storePlaces(
  trx: Database,
  places: LaunchPlaces,
  limits: LimitsByFamily = DEFAULT_LIMITS,
  /** Of a course that is made now. */
  gradePolicy: GradePolicy = 'toolWins',
): Promise<StoredPlaces> {
  const platform = await storePlatform(trx, places, limits);
  const deployment = await storeDeployment(trx, platform, places.deploymentId, limits);
  const context = await storeContext(trx, deployment.id, places, gradePolicy);
  const link = await storeResourceLink(trx, context.id, places);
  const changed = platform.changed || deployment.changed || context.changed || link.changed;
  return {
    ...{ platform: platform.id, context: context.id, deployment: deployment.id, gate: deployment.gate },
    ...{ resourceLink: link.id, changed },
  };
}

interface PlatformRow {
  id: string;
  url: string | null;
  product_family_code: string | null;
  family: LmsFamily;
  family_set_by: 'guess' | 'operator';
  /** Null: as the family has it. */
  limit_by: LimitBy | null;
}

type StoredPlatform = Pick<PlatformRow, 'id' | 'family' | 'limit_by'> & { changed: boolean };

async function storePlatform(trx: Database, places: LaunchPlaces, limits: LimitsByFamily): Promise<StoredPlatform> {
  const { platformId, platformUrl = null, productFamilyCode = null, family } = places;
  const find = async (): Promise<PlatformRow | undefined> =>
    (
      await queryRows<PlatformRow>(
        trx,
        'select id, url, product_family_code, family, family_set_by, limit_by from platforms where platform_id = ?',
        [platformId],
      )
    )[0];
  const held = await find();
  if (held) return alterPlatform(trx, held, places, limits);
  const [inserted] = await queryRows<PlatformRow>(
    trx,
    `insert into platforms (platform_id, url, product_family_code, family) values (?, ?, ?, ?)
     on conflict (platform_id) do nothing returning id, family, limit_by`,
    [platformId, platformUrl, productFamilyCode, family],
  );
  return { ...present(inserted ?? (await find())), changed: true };
}

/** A launch that does not tell the product leaves the guess of one that did. */
async function alterPlatform(
  trx: Database,
  held: PlatformRow,
  { platformUrl, productFamilyCode, family: guess }: LaunchPlaces,
  limits: LimitsByFamily,
): Promise<StoredPlatform> {
  const url = platformUrl ?? held.url;
  const code = productFamilyCode ?? held.product_family_code;
  const family = held.family_set_by === 'operator' || guess === 'unknown' ? held.family : guess;
  const changed = url !== held.url || code !== held.product_family_code || family !== held.family;
  if (changed) {
    await trx.raw(
      'update platforms set url = ?, product_family_code = ?, family = ?, updated_at = now() where id = ?',
      [url, code, family, held.id],
    );
  }
  if (family !== held.family) {
    await changeFamilyLimits(trx, { platform: held.id, from: limits[held.family], to: limits[family] });
    if (held.limit_by === null) await regroup(trx, held.id, limitByOf(family));
  }
  return { id: held.id, family, limit_by: held.limit_by, changed };
}

async function storeDeployment(
  trx: Database,
  platform: StoredPlatform,
  deploymentId: string,
  limits: LimitsByFamily,
): Promise<{ id: string; gate: string; changed: boolean }> {
  const find = async (): Promise<{ id: string; gate: string } | undefined> =>
    (
      await queryRows<{ id: string; gate: string }>(
        trx,
        'select id, gate from deployments where platform = ? and deployment_id = ?',
        [platform.id, deploymentId],
      )
    )[0];
  const held = await find();
  if (held) return { ...held, changed: false };
  const limitBy = platform.limit_by ?? limitByOf(platform.family);
  const gate = await findOrMakeGate(trx, { platform: platform.id, deploymentId, limitBy }, limits[platform.family]);
  const [inserted] = await queryRows<{ id: string; gate: string }>(
    trx,
    `insert into deployments (platform, deployment_id, gate) values (?, ?, ?)
     on conflict (platform, deployment_id) do nothing returning id, gate`,
    [platform.id, deploymentId, gate],
  );
  return { ...present(inserted ?? (await find())), changed: true };
}

async function storeContext(
  trx: Database,
  deployment: string,
  { contextId, contextTitle }: LaunchPlaces,
  gradePolicy: GradePolicy,
): Promise<{ id: string; changed: boolean }> {
  const as = { table: 'contexts', owner: 'deployment', name: 'context_id', also: { grade_policy: gradePolicy } };
  return storeTitled(trx, as, [deployment, contextId, contextTitle ?? null]);
}

async function storeResourceLink(
  trx: Database,
  context: string,
  { resourceLinkId, resourceLinkTitle }: LaunchPlaces,
): Promise<{ id: string | null; changed: boolean }> {
  if (resourceLinkId === undefined) return { id: null, changed: false };
  return storeTitled(trx, { table: 'resource_links', owner: 'context', name: 'resource_link_id' }, [
    context,
    resourceLinkId,
    resourceLinkTitle ?? null,
  ]);
}

/** A row that an owner and a name identify, and that has a title, which follows the launches. */
async function storeTitled(
  trx: Database,
  { table, owner, name, also = {} }: { table: string; owner: string; name: string; also?: Record<string, string> },
  [ownerId, nameOf, title]: readonly [string, string, string | null],
): Promise<{ id: string; changed: boolean }> {
  type Row = { id: string; title: string | null };
  const find = async (): Promise<Row | undefined> =>
    (
      await queryRows<Row>(trx, `select id, title from ${table} where ${owner} = ? and ${name} = ?`, [ownerId, nameOf])
    )[0];
  const held = await find();
  if (held) {
    if (title === null || title === held.title) return { id: held.id, changed: false };
    await trx.raw(`update ${table} set title = ? where id = ?`, [title, held.id]);
    return { id: held.id, changed: true };
  }
  const [inserted] = await queryRows<Row>(
    trx,
    `insert into ${table} (${[owner, name, 'title', ...Object.keys(also)].join(', ')})
     values (?, ?, ?${', ?'.repeat(Object.keys(also).length)}) on conflict (${owner}, ${name}) do nothing
     returning id, title`,
    [ownerId, nameOf, title, ...Object.values(also)],
  );
  return { id: present(inserted ?? (await find())).id, changed: true };
}

function present<T>(row: T | undefined): T {
  if (row === undefined) throw new Error('A row that was stored in this transaction cannot be found again.');
  return row;
}
