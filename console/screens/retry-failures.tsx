import Type, { type Static } from 'typebox';
import type { VNode } from 'preact';
import { BulkOperationSchema } from '../../api/schemas/bulk-operation.js';
import { FailureCountSchema } from '../../api/schemas/failure.js';
import type { ApiClient } from '../api-client.js';
import { OpenForm } from '../layout/action-form.js';
import { Notice } from '../layout/notice.js';
import { formatCount } from '../layout/parts.js';
import { hrefOf, reasonIn, type Action, type Page } from '../screen.js';
import { bulkOperationPage } from './bulk-operation.js';
import { failureFilterOf, FilterFacts, toList, type FailureFilter } from './failure-filter.js';

export type Counted = Static<typeof FailureCountSchema>;
const RetriedSchema = Type.Object({ operation: BulkOperationSchema });

/** How many a retry of the filter would make due, counted now. */
export const countFailures = (api: ApiClient, filter: FailureFilter): Promise<Counted> =>
  api.get('/v1/failures/count', FailureCountSchema, filter);

export const formatCounted = ({ count, isCapped }: Counted): string => `${formatCount(count)}${isCapped ? '+' : ''}`;

/** Says once more what a retry acts on, and how many those are now. */
export const retryPage: Page = {
  path: '/triage/retry',
  async load({ api, can, query, failed }) {
    const filter = failureFilterOf(failed?.action === retryFailures ? failed.fields : query);
    const counted = await countFailures(api, filter);
    const title = titleOf(counted, can(retryFailures.scope));
    return {
      title,
      section: '/triage',
      body: (
        <>
          <h1>{title}</h1>
          <FilterFacts filter={filter} />
          {counted.takenBack > 0 && <TakenBack counted={counted} />}
          {counted.count > 0 && (
            <OpenForm
              of={retryFailures}
              fields={{ state: 'rejected', ...filter }}
              label={`Retry all ${formatCounted(counted)}`}
              reason="required"
              hint={HINT}
            />
          )}
          <p>
            <a href={toList(filter)}>Look at the scores</a> or <a href="/console/triage">go back to triage</a>
          </p>
        </>
      ),
    };
  },
};

function titleOf(counted: Counted, mayRetry: boolean): string {
  if (counted.count === 0) return 'Nothing to retry';
  if (mayRetry) return `Retry all ${formatCounted(counted)} that match`;
  return counted.count === 1 ? '1 failed score matches' : `${formatCounted(counted)} failed scores match`;
}

const HINT =
  'They are made due now, in the background. Columns and courses that were set aside above them are let go. ' +
  'What fails again is counted again.';

function TakenBack({ counted: { takenBack, isCapped } }: { counted: Counted }): VNode {
  const many = `${formatCount(takenBack)}${isCapped ? '+' : ''} more were taken back before they were sent, and are left as they are.`;
  return (
    <Notice kind="info">
      <p>{takenBack === 1 ? 'One more was taken back before it was sent, and is left as it is.' : many}</p>
    </Notice>
  );
}

/** Acts on the filter that was shown, whatever page of its list somebody has seen. */
export const retryFailures: Action = {
  path: '/triage/retry',
  scope: 'operate',
  page: retryPage,
  async run({ api }, fields) {
    const state = fields.get('state');
    const filter = { ...(state !== null && { state }), ...failureFilterOf(fields) };
    const body = { filter, reason: reasonIn(fields) };
    const { operation } = await api.send('POST', '/v1/scores/retry', body, RetriedSchema);
    return { to: hrefOf(bulkOperationPage, { id: operation.id }) };
  },
};
