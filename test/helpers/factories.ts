/** The smallest valid rows; every call makes new ones, and what a test cares for is named by the test. */
import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { hashSecret, makeSecret } from '../../api/bearer-secret.js';
import { type Database, queryRows } from '../../db/server/knex.js';
import { createKeyRing } from '../../db/vault/key-ring.js';
import { sealedPlace } from '../../db/vault/sealed-columns.js';
import { createVault, type Sealed, type Vault } from '../../db/vault/vault.js';
import type { ScoreOrigin } from '../../domain/score-origin.js';
import type { ScoreState, ScoreValue } from '../../domain/score.js';

export const testKeyRing = createKeyRing([{ id: 'test', key: Buffer.alloc(32, 7) }]);
/** Of one database: data keys are remembered by platform. */
export const createTestVault = (): Vault => createVault(testKeyRing);

let made = 0;
export const unique = (word: string): string => `${word}-${(made += 1)}-${randomUUID().slice(0, 8)}`;

async function insert<Row>(db: Database, table: string, row: Knex.ValueDict): Promise<Row> {
  const names = Object.keys(row);
  const values = names.map((name) => `:${name}`);
  const sql = `insert into ${table} (${names.join(', ')}) values (${values.join(', ')}) returning *`;
  const [inserted] = await queryRows<Row>(db, sql, row);
  if (!inserted) throw new Error(`nothing was inserted into ${table}`);
  return inserted;
}

export interface PlatformRow {
  id: string;
  platform_id: string;
  deployment: string;
  deployment_id: string;
  gate: string;
}

/** A platform with one deployment and its limits. */
export async function insertPlatform(
  db: Database,
  options: {
    platformId?: string;
    deploymentId?: string;
    family?: string;
    inFlightMax?: number;
    ratePerSecond?: number;
  } = {},
): Promise<PlatformRow> {
  const platform = await insert<{ id: string; platform_id: string }>(db, 'platforms', {
    platform_id: options.platformId ?? unique('platform'),
    url: 'https://lms.example',
    family: options.family ?? 'canvas',
  });
  const { id, deployment_id, gate } = await insertDeployment(db, { platform: platform.id, ...options });
  return { ...platform, deployment: id, deployment_id, gate };
}

/** One more deployment of a platform, with a gate and limits of its own (Blackboard: one more institution). */
export async function insertDeployment(
  db: Database,
  options: { platform: string; deploymentId?: string; inFlightMax?: number; ratePerSecond?: number },
): Promise<{ id: string; deployment_id: string; gate: string }> {
  const deploymentId = options.deploymentId ?? unique('deployment');
  const cap = options.inFlightMax ?? 4;
  const gate = await insert<{ id: string }>(db, 'gates', {
    platform: options.platform,
    deployment_id: deploymentId,
    in_flight_cap: cap,
    in_flight_max: cap,
    rate_per_second: options.ratePerSecond ?? null,
  });
  return insert(db, 'deployments', { platform: options.platform, deployment_id: deploymentId, gate: gate.id });
}

export interface ContextRow {
  id: string;
  deployment: string;
  gate: string;
  context_id: string;
}

/** A context; without `deployment`, of a new platform. `columns` sets any other column. */
export async function insertContext(
  db: Database,
  options: { deployment?: string; contextId?: string; columns?: Knex.ValueDict } = {},
): Promise<ContextRow> {
  const deployment = options.deployment ?? (await insertPlatform(db)).deployment;
  const row = await insert<Omit<ContextRow, 'gate'>>(db, 'contexts', {
    ...{ deployment, context_id: options.contextId ?? unique('context') },
    ...options.columns,
  });
  const [gate = ''] = await db('deployments').where({ id: deployment }).pluck<string[]>('gate');
  return { ...row, gate };
}

export async function insertResourceLink(
  db: Database,
  options: { context: string; resourceLinkId?: string },
): Promise<{ id: string; resource_link_id: string }> {
  return insert(db, 'resource_links', {
    context: options.context,
    resource_link_id: options.resourceLinkId ?? unique('link'),
  });
}

/** A service key for grades and rosters; `serviceKey` is the secret itself. */
export async function insertServiceKey(
  db: Database,
  options: { context: string; resourceLink?: string; serviceKey?: string; launchedAt?: Date; columns?: Knex.ValueDict },
): Promise<{ id: string }> {
  const id = randomUUID();
  const { dataKey, ciphertext } = await sealServiceKey(db, {
    ...{ id, context: options.context, serviceKey: options.serviceKey ?? unique('service-key') },
  });
  return insert(db, 'service_keys', {
    id,
    context: options.context,
    resource_link: options.resourceLink ?? null,
    ciphertext,
    data_key: dataKey,
    assignment_and_grades: true,
    names_and_roles: true,
    launched_at: options.launchedAt ?? new Date(),
    ...options.columns,
  });
}

/** A service key as its row holds it. */
export async function sealServiceKey(
  db: Database,
  { id, context, serviceKey }: { id: string; context: string; serviceKey: string },
): Promise<Sealed> {
  const [row] = await queryRows<{ platform: string }>(
    db,
    'select d.platform from contexts c join deployments d on d.id = c.deployment where c.id = ?',
    [context],
  );
  const sealer = await createTestVault().lockSealer(db, row?.platform ?? null);
  return sealer.seal(serviceKey, sealedPlace('serviceKey', id, context));
}

export interface LineItemRow {
  id: string;
  context: string;
  line_item_id: string | null;
}

/** A column that the LMS has; `lineItemId: null` with `resource_link_id` or `resource_id` in `columns` makes a wanted one. */
export async function insertLineItem(
  db: Database,
  options: { context: string; lineItemId?: string | null; columns?: Knex.ValueDict },
): Promise<LineItemRow> {
  const line_item_id =
    options.lineItemId === undefined ? `https://lms.example/line-items/${unique('column')}` : options.lineItemId;
  return insert(db, 'line_items', {
    context: options.context,
    line_item_id,
    label: 'Quiz',
    score_maximum: 10,
    ...options.columns,
  });
}

/** Of scores whose sender a test does not care for. */
export const anyOrigin: ScoreOrigin = { source: 'apiKey', id: randomUUID(), requestId: randomUUID() };

/** 7.5 of 10, completed and fully graded, unless told otherwise. */
export function scoreValue(change: Partial<ScoreValue> = {}): ScoreValue {
  return {
    scoreGiven: 7.5,
    scoreMaximum: 10,
    activityProgress: 'Completed',
    gradingProgress: 'FullyGraded',
    ...change,
  };
}

export interface ScoreRow {
  id: string;
  context: string;
  line_item: string;
  user_id: string;
  revision: number;
  state: ScoreState;
}

/**
 * A score, due now unless told otherwise. For `submitted` what was submitted is filled in, for `rejected` the failure,
 * for `sending` and `unknown` what is on the way; `columns` sets any other column.
 */
export async function insertScore(
  db: Database,
  options: {
    context: string;
    lineItem: string;
    userId?: string;
    value?: Partial<ScoreValue>;
    state?: ScoreState;
    columns?: Knex.ValueDict;
  },
): Promise<ScoreRow> {
  const value = JSON.stringify(scoreValue(options.value));
  const state = options.state ?? 'due';
  const ofState: Partial<Record<ScoreState, Knex.ValueDict>> = {
    submitted: { submitted: value, submitted_revision: 1, submitted_at: new Date() },
    rejected: { failure_type: 'ScoreRejected', failure_detail: 'status 422' },
    sending: { sending: value, sending_revision: 1, sending_at: new Date(), lane_token: 1 },
    unknown: { sending: value, sending_revision: 1, sending_at: new Date(), lane_token: 1 },
  };
  return insert(db, 'scores', {
    context: options.context,
    line_item: options.lineItem,
    user_id: options.userId ?? unique('user'),
    value,
    changed_at: new Date(),
    state,
    priority: 1,
    ...ofState[state],
    ...options.columns,
  });
}

export async function insertMembership(
  db: Database,
  options: { context: string; userId?: string; columns?: Knex.ValueDict },
): Promise<{ user_id: string }> {
  return insert(db, 'memberships', {
    context: options.context,
    user_id: options.userId ?? unique('user'),
    roles: ['Learner'],
    status: 'Active',
    seen_in_read: 1,
    ...options.columns,
  });
}

/** An API key; `secret` is what a caller sends as the bearer. */
export async function insertApiKey(
  db: Database,
  options: { scopes?: string[]; platforms?: string[] | null; columns?: Knex.ValueDict } = {},
): Promise<{ id: string; secret: string }> {
  const secret = makeSecret();
  const { id } = await insert<{ id: string }>(db, 'api_keys', {
    name: 'test',
    hash: hashSecret(secret),
    hint: secret.slice(-4),
    scopes: options.scopes ?? ['admin'],
    platforms: options.platforms ?? null,
    ...options.columns,
  });
  return { id, secret };
}
