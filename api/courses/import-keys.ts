import { partsOf, reachesDeployment, reachesPlatform } from '../../domain/reach.js';
import { createFields, LTI_ID_LENGTH, type Fields } from '../../domain/fields.js';
import { ItemFault } from '../../domain/item-fault.js';
import { faultOfServiceKey } from '../../domain/service-key.js';
import type { Deps } from '../app.js';
import type { Wake } from '../../waking/workflow-waker.js';
import type { LaunchOrigin, LaunchToRecord } from '../../db/courses/launches.js';
import { ProblemError, toProblem, type Problem } from '../problems.js';
import { ServiceKeyItemSchema } from '../schemas/service-key.js';
import type { RawItem } from '../scores/intake.js';
import { notAfter } from '../to-instant.js';

const MEMBERS = Object.keys(ServiceKeyItemSchema.properties);

/** Clocks of two machines differ by seconds. */
const MOST_AHEAD_MS = 300_000;

type ImportDeps = Pick<Deps, 'store' | 'familyOf' | 'now'>;

export interface ImportAnswer {
  index: number;
  serviceKeyId: string | null;
  context: string | null;
  outcome: 'stored' | 'unchanged' | 'older' | 'invalid';
  problem: Problem | null;
}

export interface ImportedKeys {
  answers: ImportAnswer[];
  resumed: number;
  wakes: Wake[];
}

/** Stores keys one by one, each in its own transaction, so that a bad one never stops the others. Repeating is safe. */
export async function importKeys(
  deps: ImportDeps,
  items: readonly RawItem[],
  { platforms, origin, first = 0 }: { platforms: readonly string[] | null; origin: LaunchOrigin; first?: number },
): Promise<ImportedKeys> {
  const imported: ImportedKeys = { answers: [], resumed: 0, wakes: [] };
  for (const [offset, item] of items.entries()) {
    const index = first + offset;
    try {
      if ('problem' in item) throw new ProblemError('malformed-line', item.problem.detail);
      const launch = await toLaunch(deps, createFields(item.value, '', 'invalid-request'), platforms);
      const { context, deployment, gate, serviceKeyId, key, resumed } = await deps.store.launches.record(
        launch,
        origin,
      );
      imported.answers.push({ index, serviceKeyId, context, outcome: key ?? 'unchanged', problem: null });
      imported.resumed += resumed;
      if (resumed > 0) imported.wakes.push({ context, deployment, gate, trigger: 'launch', lineItems: true });
    } catch (error) {
      const problem = problemOf(error);
      imported.answers.push({ index, serviceKeyId: null, context: null, outcome: 'invalid', problem });
    }
  }
  return imported;
}

/** @throws what is no problem of the item's. */
function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  if (!(error instanceof ItemFault)) throw error;
  return toProblem(error.fault, error.message, { pointer: error.pointer });
}

/** What a key can do is not known; both is assumed, and a check or the first call shows it. */
async function toLaunch(
  { store, familyOf, now }: ImportDeps,
  fields: Fields,
  platforms: readonly string[] | null,
): Promise<LaunchToRecord> {
  fields.onlyKnown(MEMBERS);
  const platformId = fields.id('platformId');
  const isWhole = reachesPlatform(platforms, platformId);
  if (!isWhole && partsOf(platforms ?? [], platformId).length === 0) {
    throw new ProblemError('unknown-platform', 'This API key is limited to other platforms.', {
      pointer: '/platformId',
    });
  }
  const productFamilyCode = fields.optionalText('productFamilyCode', LTI_ID_LENGTH);
  const platformUrl = fields.optionalText('platformUrl', LTI_ID_LENGTH);
  const lineItemId = fields.optionalId('lineItemId');
  const deploymentId =
    fields.optionalId('deploymentId') ??
    (await onlyDeployment(store, { platformId, platforms: isWhole ? null : platforms }));
  if (!reachesDeployment(platforms, { platformId, deploymentId })) {
    throw new ProblemError('unknown-deployment', 'This API key is limited to other deployments of the platform.', {
      pointer: '/deploymentId',
    });
  }
  return {
    ...{ platformId, platformUrl, productFamilyCode, lineItemId },
    family: familyOf({ productFamilyCode, urls: [lineItemId, platformUrl] }),
    contextId: fields.id('contextId'),
    resourceLinkId: fields.optionalId('resourceLinkId'),
    serviceKey: {
      secret: readSecret(fields),
      assignmentAndGrades: true,
      namesAndRoles: true,
    },
    launchedAt: readLaunchedAt(fields, now()),
    deploymentId,
  };
}

/** A key from the future would keep out the keys of all launches until then. */
function readLaunchedAt(fields: Fields, now: Date): Date | null {
  const launchedAt = fields.optionalInstant('launchedAt');
  if (launchedAt === undefined) return null;
  if (launchedAt.getTime() <= now.getTime() + MOST_AHEAD_MS) return notAfter(now, launchedAt);
  throw new ItemFault('invalid-request', 'launchedAt lies in the future.', '/launchedAt');
}

function readSecret(fields: Fields): string {
  // The rule for keys is the closer one.
  const secret = fields.text('serviceKey', Number.POSITIVE_INFINITY);
  const fault = faultOfServiceKey(secret);
  if (fault === undefined) return secret;
  throw new ItemFault('invalid-request', `serviceKey ${fault}.`, '/serviceKey');
}

/** Among those that the caller reaches. */
async function onlyDeployment(
  store: Deps['store'],
  seen: { platformId: string; platforms: readonly string[] | null },
): Promise<string> {
  const [platform] = await store.platforms.list({ ...seen, limit: 1, after: null });
  const [first, ...others] = platform?.deployments ?? [];
  if (first && others.length === 0) return first.deploymentId;
  const [name, detail] = first
    ? (['ambiguous-deployment', 'The platform has several deployments: name one.'] as const)
    : (['unknown-deployment', 'The platform is not known yet: name the deployment.'] as const);
  throw new ProblemError(name, detail, { pointer: '/deploymentId' });
}

/** Rows of a CSV file and lines of NDJSON that could not be read. */
export function unreadable(detail: string): RawItem {
  return { problem: toProblem('malformed-line', detail) };
}
