import Type, { type Static } from 'typebox';
import type { VNode } from 'preact';
import { pageSchema } from '../../api/schemas/building-blocks.js';
import { BulkOperationSchema } from '../../api/schemas/bulk-operation.js';
import type { BulkKind, BulkState } from '../../domain/bulk-operation.js';
import { at } from '../api-client.js';
import { ActionForm } from '../layout/action-form.js';
import {
  Badge,
  Fact,
  Facts,
  formatCount,
  Pager,
  Region,
  Table,
  When,
  type Column,
  type Tone,
} from '../layout/parts.js';
import { hrefOf, reasonIn, type Action, type Page, type Screen } from '../screen.js';

const OperationsSchema = pageSchema({ bulkOperations: Type.Array(BulkOperationSchema) });
type Operation = Static<typeof BulkOperationSchema>;

const operationList: Page = {
  path: '/bulk-operations',
  async load({ api, query }) {
    const asked = { cursor: query.get('cursor') ?? '' };
    const { bulkOperations, nextCursor } = await api.get('/v1/bulk-operations', OperationsSchema, asked);
    return {
      title: 'Work in bulk',
      section: '/triage',
      refreshSeconds: 10,
      body: (
        <>
          <h1>Work in bulk</h1>
          <Region id="operations">
            <Table
              caption="Work in bulk, newest first"
              columns={COLUMNS}
              rows={bulkOperations}
              keyOf={({ id }) => id}
              empty="Nothing was done in bulk yet."
            />
          </Region>
          <Pager path="/console/bulk-operations" query={query} nextCursor={nextCursor} />
        </>
      ),
    };
  },
};

export const bulkOperationPage: Page = {
  path: '/bulk-operations/:id',
  async load({ api, param }) {
    const operation = await api.get(at`/v1/bulk-operations/${param('id')}`, BulkOperationSchema);
    return {
      title: KINDS[operation.kind].name,
      section: '/triage',
      refreshSeconds: 2,
      body: (
        <>
          <h1>
            {KINDS[operation.kind].name}{' '}
            <span class="muted">
              begun <When at={operation.startedAt} />
            </span>
          </h1>
          <Region id="verdict" isLive>
            <Verdict operation={operation} />
          </Region>
          <Region id="progress">
            <Progress operation={operation} />
          </Region>
          <Region id="actions">
            <div class="actions">
              {operation.state === 'running' && (
                <ActionForm
                  of={cancelOperation}
                  params={{ id: operation.id }}
                  label="Cancel"
                  reason="required"
                  hint="Ends it after the page that is under way. What was done stays done."
                  isDangerous
                />
              )}
            </div>
          </Region>
          <p>
            <a href="/console/triage">Triage</a> · <a href="/console/bulk-operations">All work in bulk</a>
          </p>
        </>
      ),
    };
  },
};

const cancelOperation: Action = {
  path: '/bulk-operations/:id/cancel',
  scope: 'operate',
  page: bulkOperationPage,
  async run({ api, param }, fields) {
    const id = param('id');
    const reason = reasonIn(fields);
    await api.send('POST', at`/v1/bulk-operations/${id}/cancel`, { reason }, BulkOperationSchema);
    return { to: hrefOf(bulkOperationPage, { id }), say: 'It is cancelled. What it has done stays done.' };
  },
};

export const bulkOperationScreen: Screen = { pages: [operationList, bulkOperationPage], actions: [cancelOperation] };

const KINDS: Readonly<Record<BulkKind, { name: string; acted: string }>> = {
  retryScores: { name: 'Retry of scores', acted: 'retried' },
  sync: { name: 'Sync', acted: 'let go' },
  resumeContext: { name: 'Resumption of a course', acted: 'let go' },
  replayEvents: { name: 'Replay of events', acted: 'replayed' },
};

const STATES: Readonly<Record<BulkState, { word: string; tone: Tone }>> = {
  running: { word: 'under way', tone: 'calm' },
  completed: { word: 'done', tone: 'good' },
  cancelled: { word: 'cancelled', tone: 'quiet' },
  failed: { word: 'failed', tone: 'bad' },
};

function Verdict({ operation }: { operation: Operation }): VNode {
  const { kind, state, acted, skipped, failed, failure } = operation;
  const done = `${formatCount(acted)} ${KINDS[kind].acted}`;
  if (state === 'running') return <p class="verdict">{done} so far. It goes on in the background.</p>;
  const counts = `${done}, ${formatCount(skipped)} skipped, ${formatCount(failed)} failed.`;
  if (state === 'completed') return <p class="verdict good">Done: {counts}</p>;
  if (state === 'cancelled') return <p class="verdict warn">Cancelled: {counts}</p>;
  return (
    <p class="verdict bad">
      It ended before its end: {counts} PostgreSQL refused the next page ({failure}).
    </p>
  );
}

const DETAILS: Readonly<Record<string, string>> = {
  unparkedContexts: 'Courses let go',
  unparkedLineItems: 'Columns let go',
  resumed: 'Scores that wait there',
};

function Progress({ operation }: { operation: Operation }): VNode {
  const { state, acted, skipped, failed, details, reason, startedAt, endedAt, workflow } = operation;
  return (
    <Facts>
      <Fact name="State">
        <StateBadge state={state} />
      </Fact>
      <Fact name="Acted">{formatCount(acted)}</Fact>
      <Fact name="Skipped">{formatCount(skipped)}</Fact>
      <Fact name="Failed">{formatCount(failed)}</Fact>
      {Object.entries(details).map(([name, count]) => (
        <Fact key={name} name={DETAILS[name] ?? name}>
          {formatCount(count)}
        </Fact>
      ))}
      <Fact name="Why">{reason ?? '—'}</Fact>
      <Fact name="Began">
        <When at={startedAt} />
      </Fact>
      <Fact name="Ended">
        <When at={endedAt} or="not yet" />
      </Fact>
      <Fact name="Workflow">
        {workflow.url === null ? workflow.workflowId : <a href={workflow.url}>in Temporal</a>}
      </Fact>
    </Facts>
  );
}

function StateBadge({ state }: { state: BulkState }): VNode {
  return <Badge tone={STATES[state].tone}>{STATES[state].word}</Badge>;
}

const COLUMNS: readonly Column<Operation>[] = [
  { head: 'What', cell: ({ id, kind }) => <a href={hrefOf(bulkOperationPage, { id })}>{KINDS[kind].name}</a> },
  { head: 'State', cell: ({ state }) => <StateBadge state={state} /> },
  { head: 'Acted', isNumber: true, cell: ({ acted }) => formatCount(acted) },
  { head: 'Skipped', isNumber: true, cell: ({ skipped }) => formatCount(skipped) },
  { head: 'Failed', isNumber: true, cell: ({ failed }) => formatCount(failed) },
  { head: 'Why', cell: ({ reason }) => <span class="sentence">{reason ?? '—'}</span> },
  { head: 'Began', cell: ({ startedAt }) => <When at={startedAt} /> },
];
