import Type from 'typebox';
import type { ScoreState } from '../../domain/score.js';
import { callerOf } from '../plugins/auth.js';
import { entryOf } from '../plugins/deeds.js';
import { notFound, ProblemError } from '../problems.js';
import { IdParamsSchema, textSchema } from '../schemas/building-blocks.js';
import { commonProblems, conflictProblem, notFoundProblem } from '../schemas/problem.js';
import { ScoreSchema } from '../schemas/score.js';
import { toScore } from '../scores/to-score.js';
import type { Api, RouteOptions } from '../route.js';

const WITHDRAW = {
  config: { scope: 'operate' },
  schema: {
    tags: ['scores'],
    summary: 'Withdraw a score',
    description:
      'One that is due is not sent: it ends as `rejected`, with the type `ScoreWithdrawn` and the reason. The gradebook ' +
      'keeps what it has, and a later score with another value goes out as usual; the same value stays withdrawn until ' +
      'somebody retries it by its id. What is under way, or may have arrived, is refused with 409, as is what has ended.',
    params: IdParamsSchema,
    body: Type.Object({ reason: { ...textSchema(1_000), description: 'Why; shown with the score, and audited.' } }),
    response: { 200: ScoreSchema, ...commonProblems, ...notFoundProblem, ...conflictProblem },
  },
} as const;

const WHY_NOT: Readonly<Record<Exclude<ScoreState, 'due'>, string>> = {
  sending: 'Its call is under way: look again when it has ended.',
  unknown: 'Its last call may have been applied: look again when it was read back.',
  submitted: 'The LMS has taken it: hand in another value, or one that clears the grade.',
  rejected: 'It has ended already, and is not sent by itself.',
  held: 'It is held: decide to keep what stands there.',
  superseded: 'It has ended: the score of another name of its column won.',
  erased: 'Its student was erased.',
};

/** Taking back what was not sent yet. */
export async function withdrawalRoutes(app: Api, { deps }: RouteOptions): Promise<void> {
  const { scores, withdrawals } = deps.store;

  app.post('/scores/:id/withdraw', WITHDRAW, async (request) => {
    const { id } = request.params;
    const { reason } = request.body;
    const { platforms } = callerOf(request);
    const audit = entryOf(request, { subject: id, reason });
    const found = await withdrawals.withdraw({ id, platforms, reason, audit });
    if (!found) throw notFound('score');
    if (found.state !== 'due') throw new ProblemError('score-not-due', WHY_NOT[found.state]);
    const record = await scores.find({ id, platforms });
    if (!record) throw notFound('score');
    return toScore(record);
  });
}
