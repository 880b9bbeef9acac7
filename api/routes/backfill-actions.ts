import { BACKFILL_DECISIONS, BACKFILL_ENDS, type BackfillDecision } from '../../domain/backfill.js';
import { readUndoBody } from '../backfills/read-request.js';
import { toBackfill } from '../backfills/to-backfill.js';
import { callerOf } from '../plugins/auth.js';
import { ProblemError } from '../problems.js';
import { BackfillSchema, UndoBodySchema } from '../schemas/backfill.js';
import { IdParamsSchema, ReasonOnlySchema } from '../schemas/building-blocks.js';
import { commonProblems, conflictProblem, notFoundProblem, unprocessableProblem } from '../schemas/problem.js';
import { commonOf, getBackfill, wakeBackfill } from './backfills.js';
import type { Api, RouteOptions } from '../route.js';

const problems = { ...commonProblems, ...notFoundProblem, ...conflictProblem, ...unprocessableProblem };

const WORDS: Readonly<Record<BackfillDecision, { summary: string; description: string }>> = {
  approve: {
    summary: 'Approve a backfill',
    description:
      'Lets it go. Over the threshold by an API key of another lineage than its author’s: neither has made the other, nor ' +
      'has the same key made both. Look at the preview first.',
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
    config: { scope: decision === 'approve' ? 'approve' : 'operate' },
    schema: {
      tags: ['backfills'],
      ...WORDS[decision],
      params: IdParamsSchema,
      body: ReasonOnlySchema,
      response: { 200: BackfillSchema, ...problems },
    },
  }) as const;

const UNDO = {
  config: { scope: 'operate' },
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
  const { backfills } = deps.store;

  for (const decision of BACKFILL_DECISIONS) {
    app.post(`/backfills/:id/${decision}`, toOptions(decision), async (request) => {
      const { id } = await getBackfill(request, options, request.params.id);
      const { reason } = request.body;
      const by = { apiKey: callerOf(request).apiKeyId, requestId: request.id };
      const outcome = await backfills.decide({ backfill: id, decision, reason, ...by });
      if (outcome.isByAuthor) throw byAuthor();
      if (!outcome.isDone) throw notReady(decision, outcome.state);
      // A halt brings silence before anybody else has heard of it.
      if (decision === 'pause' || decision === 'cancel') await backfills.withdraw(id);
      await wakeBackfill(request, options, id);
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
    await wakeBackfill(request, options, id);
    return reply.code(202).send(toBackfill(await getBackfill(request, options, id), deps.workflows));
  });
}

function byAuthor(): ProblemError {
  return new ProblemError(
    'approval-by-author',
    'It is over the threshold: use a key that is neither its author’s, nor made by it, nor has made it, nor comes from the same.',
  );
}

function notReady(decision: BackfillDecision, state: string): ProblemError {
  return new ProblemError('backfill-not-ready', `It is ${state}, so there is nothing to ${decision}.`);
}
