import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import {
  BACKFILL_DECISIONS,
  BACKFILL_ENDS,
  mayDecide,
  stateAfter,
  type BackfillDecision,
} from '../../domain/backfill.js';
import { readUndoBody } from '../backfills/read-request.js';
import { toBackfill } from '../backfills/to-backfill.js';
import { callerOf } from '../plugins/auth.js';
import type { BackfillRecord } from '../../db/backfills/reader.js';
import { ProblemError } from '../problems.js';
import { BackfillSchema, UndoBodySchema } from '../schemas/backfill.js';
import { IdParamsSchema, ReasonSchema } from '../schemas/building-blocks.js';
import { commonProblems, notFoundProblem, unprocessableProblem } from '../schemas/problem.js';
import { commonOf, getBackfill, startBackfill } from './backfills.js';
import type { Api, RouteOptions } from '../route.js';

const problems = { ...commonProblems, ...notFoundProblem, ...unprocessableProblem };

const WORDS: Readonly<Record<BackfillDecision, { summary: string; description: string }>> = {
  approve: {
    summary: 'Approve a backfill',
    description: 'Lets it go. Over the threshold by another API key than its author’s. Look at the preview first.',
  },
  pause: {
    summary: 'Pause a backfill',
    description: 'Within seconds nothing more is sent: scores that were released and not sent are taken back.',
  },
  resume: { summary: 'Resume a backfill', description: 'It goes on where it was paused.' },
  cancel: {
    summary: 'Cancel a backfill',
    description: 'For good. What had been sent stays, and is listed by its changes with `outcome=sent`.',
  },
};

const toOptions = (decision: BackfillDecision) =>
  ({
    config: { scope: 'operate', bodyIsOptional: true },
    schema: {
      tags: ['backfills'],
      ...WORDS[decision],
      params: IdParamsSchema,
      body: Type.Object({ reason: ReasonSchema }),
      response: { 200: BackfillSchema, ...problems },
    },
  }) as const;

const UNDO = {
  config: { scope: 'operate', idempotent: true },
  schema: {
    tags: ['backfills'],
    summary: 'Undo a backfill',
    description:
      'Starts another one, with a preview of its own, that restores what was before wherever this one had sent ' +
      'something, except where something newer came since.',
    params: IdParamsSchema,
    body: UndoBodySchema,
    response: { 202: BackfillSchema, ...problems },
  },
} as const;

/** What operators decide about a backfill. Each leaves an audit row with its reason. */
export async function backfillActionRoutes(app: Api, options: RouteOptions): Promise<void> {
  const { deps } = options;
  const { backfills, audit } = deps.store;

  // What still tells a workflow of a halt must not lose its connection under its feet.
  const tellings = new Set<Promise<unknown>>();
  const latest = new Map<string, Promise<unknown>>();
  app.addHook('onClose', async () => void (await Promise.allSettled(tellings)));

  for (const decision of BACKFILL_DECISIONS) {
    app.post(`/backfills/:id/${decision}`, toOptions(decision), async (request) => {
      const { id } = request.params;
      const before = await getBackfill(request, options, id);
      assertDecidable(before, decision, callerOf(request).apiKeyId);
      await decide(request, before, decision);
      const { apiKeyId: apiKey } = callerOf(request);
      await audit.insert({ apiKey, action: `backfills.${decision}`, subject: id, reason: request.body.reason });
      return toBackfill(await getBackfill(request, options, id), deps.workflows);
    });
  }

  app.post('/backfills/:id/undo', UNDO, async (request, reply) => {
    const original = await getBackfill(request, options, request.params.id);
    if (!BACKFILL_ENDS.includes(original.state)) {
      throw new ProblemError('backfill-not-ready', 'It has not ended yet: cancel it first, or wait.');
    }
    if (original.sent === 0) throw new ProblemError('backfill-not-ready', 'It has sent nothing.');
    const settings = readUndoBody(request.body, original.id);
    const common = { ...commonOf(request, options), idempotencyKey: null, requestHash: null };
    const id = await backfills.insert({ ...settings, ...common });
    if (id === undefined) throw new Error('A backfill without a key of its own was not stored.');
    const { reason, author } = settings;
    const details = { author, undoOf: original.id };
    await audit.insert({ apiKey: common.apiKey, action: 'backfills.undo', subject: id, reason, details });
    await startBackfill(request, options, id);
    return reply.code(202).send(toBackfill(await getBackfill(request, options, id), deps.workflows));
  });

  /**
   * A halt takes effect in PostgreSQL at once, and the workflow is told of it: it must not wait for Temporal to be there.
   * All else is the workflow's to carry out.
   */
  async function decide(request: FastifyRequest, { id }: BackfillRecord, decision: BackfillDecision): Promise<void> {
    const input = { backfill: id, decision, apiKey: callerOf(request).apiKeyId };
    // In the order of the decisions: a resume right after a pause is refused by a workflow that has not heard of the pause.
    const before = latest.get(id) ?? Promise.resolve();
    const told = before
      .then(() => deps.workflows.decideBackfill(input))
      .catch((error: unknown) => {
        const failure = error instanceof Error ? error.name : 'unknown';
        request.log.warn({ failure, decision }, 'the workflow of a backfill could not be told');
        return 'unreachable' as const;
      });
    tellings.add(told);
    latest.set(id, told);
    void told.finally(() => {
      tellings.delete(told);
      if (latest.get(id) === told) latest.delete(id);
    });
    if (decision === 'pause' || decision === 'cancel') {
      const { isDone, state } = await backfills.decide(input);
      if (!isDone && state !== 'cancelled') throw notReady(decision, state);
      await backfills.withdraw(id);
      return;
    }
    switch (await told) {
      case 'done':
        return;
      case 'byAuthor':
        throw byAuthor();
      case 'refused':
        throw notReady(decision, (await getBackfill(request, options, id)).state);
      case 'unreachable':
        throw new ProblemError('temporal-unavailable', 'Nothing was changed: try again.', {
          headers: { 'retry-after': '5' },
        });
    }
  }
}

/** What can be told without asking anybody. A decision that was carried out already is no error. */
function assertDecidable(
  { state, needsApproval, apiKey, releasedAt }: BackfillRecord,
  decision: BackfillDecision,
  caller: string,
): void {
  if (!mayDecide(decision, state) && stateAfter(decision, releasedAt !== null) !== state)
    throw notReady(decision, state);
  if (decision === 'approve' && needsApproval && apiKey === caller) throw byAuthor();
}

function byAuthor(): ProblemError {
  return new ProblemError('approval-by-author', 'It is over the threshold: use an API key other than its author’s.');
}

function notReady(decision: BackfillDecision, state: string): ProblemError {
  return new ProblemError('backfill-not-ready', `It is ${state}, so there is nothing to ${decision}.`);
}
