import { isProblem, type Client } from './passback-client.js';
import { UsageError } from './usage-error.js';

/** Where something is shown. */
export interface Place {
  /** Below `/console`. */
  path: string;
  /** In the Temporal UI; null: nothing, or nobody knows where that is. */
  temporal: string | null;
}

/** Also inside a workflow's id: `sync-context/<uuid>`. */
const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

/** Finds what an id of ours is of. @throws {UsageError} when it is of nothing that the key may see */
export async function findPlace(client: Client, text: string): Promise<Place> {
  const id = UUID.exec(text)?.[0].toLowerCase();
  if (id === undefined) throw new UsageError(`${text} holds no id of ours.`);
  for (const find of FINDERS) {
    const place = await find(client, id);
    if (place) return place;
  }
  throw new UsageError('Nothing that this key may see has this id.');
}

type Finder = (client: Client, id: string) => Promise<Place | undefined>;

const FINDERS: readonly Finder[] = [
  async (client, id) => {
    const score = await unlessGone(client.getScore({ id }));
    return score && { path: `/scores/${id}`, temporal: null };
  },
  async (client, id) =>
    (await unlessGone(client.getContext({ id }))) ? { path: `/courses/${id}`, temporal: null } : undefined,
  async (client, id) => {
    const column = await unlessGone(client.getLineItem({ id }));
    return column && { path: `/courses/${column.context}`, temporal: null };
  },
  async (client, id) => {
    for await (const { id: platform, deployments } of client.all.listPlatforms()) {
      const isNamed = platform === id || deployments.some((one) => one.id === id || one.gate === id);
      if (isNamed) return { path: `/platforms/${platform}`, temporal: null };
    }
    return undefined;
  },
  async (client, id) => {
    const run = await unlessGone(client.getRun({ id }));
    return run && { path: `/runs/${id}`, temporal: run.workflowsUrl };
  },
  async (client, id) => {
    const backfill = await unlessGone(client.getBackfill({ id }));
    return backfill && { path: `/backfills/${id}`, temporal: backfill.workflow.url };
  },
  async (client, id) =>
    (await unlessGone(client.getWebhookEvent({ id }))) ? { path: `/webhooks/events/${id}`, temporal: null } : undefined,
  async (client, id) => {
    const operation = await unlessGone(client.getBulkOperation({ id }));
    return operation && { path: `/bulk-operations/${id}`, temporal: operation.workflow.url };
  },
];

async function unlessGone<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isProblem(error, 'urn:passback:problem:not-found')) return undefined;
    throw error;
  }
}
