import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import { readFilterBody, readUploadQuery } from '../backfills/read-request.js';
import { takeUpload } from '../backfills/take-upload.js';
import { toBackfill } from '../backfills/to-backfill.js';
import { decodeCursor, DEFAULT_PAGE_SIZE, toPage } from '../paging.js';
import { callerOf } from '../plugins/auth.js';
import { keyOf } from '../plugins/idempotency.js';
import type { NewBackfill } from '../../db/backfills/control.js';
import type { BackfillRecord } from '../../db/backfills/reader.js';
import { notFound, ProblemError } from '../problems.js';
import { BackfillSchema, BackfillStateSchema, FilterBodySchema, UploadQuerySchema } from '../schemas/backfill.js';
import { IdParamsSchema, LtiIdSchema, pageQueryProperties, pageSchema } from '../schemas/building-blocks.js';
import { commonProblems, conflictProblem, notFoundProblem, unprocessableProblem } from '../schemas/problem.js';
import { NDJSON_TYPES } from './scores.js';
import { tellWorkflow } from '../temporal/tell-workflow.js';
import type { Api, RouteOptions } from '../route.js';

/** Where nobody configured a threshold. */
export const DEFAULT_APPROVAL = { scores: 1_000, drop: 20 };
const CSV_TYPES = ['text/csv', 'application/csv', 'application/vnd.ms-excel'];
const FileSchema = Type.String();

const START = {
  config: { scope: 'operate', idempotentStreams: true },
  // A file is no value to be checked; forms and parameters are checked by hand.
  validatorCompiler: () => () => true,
  schema: {
    tags: ['backfills'],
    summary: 'Start a backfill',
    description:
      'From corrected scores (CSV or NDJSON of any size, with reason and author in the address), or from a filter over ' +
      'what is held, to be sent again or computed anew. It is previewed first; nothing is changed before it is approved. ' +
      'It takes an Idempotency-Key, with a file too.',
    consumes: ['application/json', ...NDJSON_TYPES, ...CSV_TYPES],
    querystring: UploadQuerySchema,
    body: {
      content: {
        'application/json': { schema: FilterBodySchema },
        'application/x-ndjson': { schema: FileSchema },
        'application/ndjson': { schema: FileSchema },
        'application/jsonl': { schema: FileSchema },
        'text/csv': { schema: FileSchema },
        'application/csv': { schema: FileSchema },
        'application/vnd.ms-excel': { schema: FileSchema },
      },
    },
    response: { 202: BackfillSchema, ...commonProblems, ...conflictProblem, ...unprocessableProblem },
  },
} as const;

const LIST = {
  config: { scope: 'read' },
  schema: {
    tags: ['backfills'],
    summary: 'List backfills',
    description: 'Newest first. All given filters must hold.',
    querystring: Type.Object({
      state: Type.Optional(BackfillStateSchema),
      platformId: Type.Optional({ ...LtiIdSchema, description: 'Backfills with a column there, among others.' }),
      deploymentId: Type.Optional({ ...LtiIdSchema, description: 'The same, of a deployment.' }),
      ...pageQueryProperties,
    }),
    response: { 200: pageSchema({ backfills: Type.Array(BackfillSchema) }), ...commonProblems },
  },
} as const;

const LOOK_AT_ONE = {
  config: { scope: 'read' },
  schema: {
    tags: ['backfills'],
    summary: 'Look at one backfill',
    description: 'Its preview with samples, who approved it, and how far it is, with rate and time left.',
    params: IdParamsSchema,
    response: { 200: BackfillSchema, ...commonProblems, ...notFoundProblem },
  },
} as const;

export async function backfillRoutes(app: Api, options: RouteOptions): Promise<void> {
  const { deps } = options;
  const { backfills } = deps.store;
  app.addContentTypeParser([...NDJSON_TYPES, ...CSV_TYPES], async (_request: unknown, payload: unknown) => payload);

  app.post('/backfills', START, async (request, reply) => {
    const { body }: { body: unknown } = request;
    const id = body instanceof Readable ? await upload(request, body) : await filter(request, body);
    if (typeof id !== 'string') {
      return reply.code(202).header('idempotent-replayed', 'true').send(toBackfill(id, deps.workflows));
    }
    await refuseUnusable(request, id);
    await wakeBackfill(request, options, id);
    return reply.code(202).send(toBackfill(await getBackfill(request, options, id), deps.workflows));
  });

  app.get('/backfills', LIST, async (request) => {
    const { limit = DEFAULT_PAGE_SIZE, cursor, ...filter } = request.query;
    const { platforms, apiKeyId: apiKey } = callerOf(request);
    const before = decodeCursor(cursor, 'number');
    const records = await backfills.list({ ...filter, platforms, apiKey, before, limit: limit + 1 });
    const { rows, nextCursor } = toPage(records, limit, ({ seq }) => seq);
    return { backfills: rows.map((record) => toBackfill(record, deps.workflows)), nextCursor };
  });

  app.get('/backfills/:id', LOOK_AT_ONE, async (request) => {
    const record = await getBackfill(request, options, request.params.id);
    const samples = await backfills.findChanges(record.id, record.preview?.samples ?? []);
    return toBackfill(record, deps.workflows, samples);
  });

  async function upload(request: FastifyRequest, file: Readable): Promise<string | BackfillRecord> {
    const settings = readUploadQuery(request.query);
    const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
    const format = CSV_TYPES.includes(type) ? 'csv' : 'ndjson';
    const backfill = { ...settings, ...commonOf(request, options), idempotencyKey: keyOf(request) };
    const parameters = JSON.stringify([format, settings]);
    const taken = await takeUpload({ ...deps, space: options.space }, { file, format, backfill, parameters });
    return 'replayed' in taken ? taken.replayed : taken.id;
  }

  async function filter(request: FastifyRequest, body: unknown): Promise<string> {
    const settings = readFilterBody(body, request.query);
    const requestHash = createHash('sha256').update(JSON.stringify(settings)).digest();
    const id = await backfills.insert({
      ...{ ...settings, ...commonOf(request, options), requestHash },
      // Kept by the plugin, as for all requests of JSON.
      idempotencyKey: null,
    });
    if (id === undefined) throw new Error('A backfill without a key of its own was not stored.');
    return id;
  }

  /** A file that is cut off, or over scores that another backfill has in hand, is refused at once; a filter, whose scores are collected later, by its preview. */
  async function refuseUnusable(request: FastifyRequest, id: string): Promise<void> {
    const { source, state, queueBehind, failureDetail } = await getBackfill(request, options, id);
    if (state === 'failed') {
      throw new ProblemError('invalid-file', `${failureDetail ?? ''} See the problems of the backfill ${id}.`.trim());
    }
    if (source !== 'upload' || queueBehind) return;
    const other = await backfills.findOverlap(id);
    if (other === undefined) return;
    await backfills.fail(id, 'OverlapsAnother', null, other);
    for (const behind of await backfills.listBehind(id)) await wakeBackfill(request, options, behind);
    const { platforms, apiKeyId: apiKey } = callerOf(request);
    const isSeen = (await backfills.find({ id: other, platforms, apiKey })) !== undefined;
    const which = isSeen ? `The backfill ${other}` : 'A backfill that this key does not see';
    throw new ProblemError('backfill-overlaps', `${which} works on some of the same scores.`);
  }
}

/** What every new backfill takes from its caller and from the configuration. */
export function commonOf(
  request: FastifyRequest,
  { settings }: RouteOptions,
): Pick<NewBackfill, 'apiKey' | 'requestId' | 'approvalScores' | 'approvalDrop'> {
  const { scores: approvalScores, drop: approvalDrop } = settings.approval ?? DEFAULT_APPROVAL;
  return { apiKey: callerOf(request).apiKeyId, requestId: request.id, approvalScores, approvalDrop };
}

/** @throws {ProblemError} where there is none, or none that the caller may see. */
export async function getBackfill(
  request: FastifyRequest,
  { deps }: RouteOptions,
  id: string,
): Promise<BackfillRecord> {
  const { platforms, apiKeyId: apiKey } = callerOf(request);
  const found = await deps.store.backfills.find({ id, platforms, apiKey });
  if (!found) throw notFound('backfill');
  return found;
}

/** A workflow that cannot be started or told now is woken by the sweep, or looks by itself. */
export async function wakeBackfill(request: FastifyRequest, { deps }: RouteOptions, id: string): Promise<void> {
  await tellWorkflow(request, () => deps.workflows.wakeBackfill(id));
}
