import Type from 'typebox';
import { hrefOf, reasonIn, type Action, type Page } from '../screen.js';

const RetriedSchema = Type.Object({ retried: Type.Integer() });

/** Makes a score due now, and comes back to the page. `score`: the param that names it, where it is not the page's own. */
export function retryOn(page: Page, score?: string): Action {
  return {
    path: score === undefined ? `${page.path}/retry` : `${page.path}/:${score}/retry`,
    scope: 'operate',
    page,
    async run({ api, param }, fields) {
      const body = { ids: [param(score ?? 'id')], reason: reasonIn(fields) };
      const { retried } = await api.send('POST', '/v1/scores/retry', body, RetriedSchema);
      const say = retried > 0 ? 'It is due now, and goes out with its turn.' : 'There was nothing to retry.';
      return { to: hrefOf(page, { id: param('id') }), say, isBad: retried === 0 };
    },
  };
}

/** Whether a retry would do something. */
export function isRetryable({ state, waitingFor }: { state: string; waitingFor: { reason: string } | null }): boolean {
  return state === 'rejected' || (state === 'due' && waitingFor?.reason !== 'turn');
}
