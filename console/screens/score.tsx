import Type, { type Static } from 'typebox';
import type { VNode } from 'preact';
import { UuidSchema } from '../../api/schemas/building-blocks.js';
import { ExplainedScoreSchema, ScoreSchema } from '../../api/schemas/score.js';
import { at } from '../api-client.js';
import { ActionForm } from '../layout/action-form.js';
import { Badge, Fact, Facts, Instant, Region, Table, When, type Column } from '../layout/parts.js';
import { hrefOf, reasonIn, type Action, type Page, type Screen } from '../screen.js';
import { isRetryable, retryOn } from './retry-score.js';
import { nameOfColumn, StateBadge, toPoints } from './score-words.js';

type ExplainedScore = Static<typeof ExplainedScoreSchema>;
type Attempt = ExplainedScore['attempts'][number];

const scorePage: Page = {
  path: '/scores/:id',
  async load({ api, param }) {
    const score = await api.get(at`/v1/scores/${param('id')}`, ExplainedScoreSchema);
    const { whatHappened, whatHappensNext, whatYouCanDo } = score.explanation;
    return {
      title: `Score of ${score.userId}`,
      section: '/scores',
      refreshSeconds: 5,
      body: (
        <>
          <h1>
            <a href={hrefOf({ path: '/scores/:id/person' }, { id: score.id })}>{score.userId}</a>{' '}
            <span class="muted">in {nameOfColumn(score)}</span>
          </h1>
          <Region id="verdict" isLive>
            <p class="lead">
              <StateBadge state={score.state} /> {toPoints(score)}
            </p>
          </Region>
          <Region id="story">
            <Facts>
              <Fact name="What happened">{whatHappened}</Fact>
              <Fact name="What happens next">{whatHappensNext}</Fact>
              <Fact name="What you can do">{whatYouCanDo}</Fact>
            </Facts>
          </Region>
          <Region id="actions">
            <Actions score={score} />
          </Region>
          <h2>Where it belongs</h2>
          <Place score={score} />
          <h2>Calls to the LMS</h2>
          <Region id="attempts">
            <Table
              caption="Calls to the LMS, oldest first"
              columns={ATTEMPTS}
              rows={score.attempts}
              keyOf={({ startedAt, kind }) => `${new Date(startedAt).toISOString()} ${kind}`}
              empty="None yet."
            />
          </Region>
        </>
      ),
    };
  },
};

const DoneSchema = Type.Object({ id: UuidSchema });

const retryScore = retryOn(scorePage);

const decideScore: Action = {
  path: '/scores/:id/decide',
  scope: 'operate',
  page: scorePage,
  async run({ api, param }, fields) {
    const id = param('id');
    const decision = fields.get('decision');
    await api.send('POST', at`/v1/scores/${id}/decide`, { decision, reason: reasonIn(fields) }, DoneSchema);
    const say = decision === 'send' ? 'It goes out over what stands there.' : 'What stands in the gradebook is kept.';
    return { to: hrefOf(scorePage, { id }), say };
  },
};

const withdrawScore: Action = {
  path: '/scores/:id/withdraw',
  scope: 'operate',
  page: scorePage,
  async run({ api, param }, fields) {
    const id = param('id');
    await api.send('POST', at`/v1/scores/${id}/withdraw`, { reason: reasonIn(fields) }, ScoreSchema);
    return { to: hrefOf(scorePage, { id }), say: 'It is withdrawn, and is not sent.' };
  },
};

export const scoreScreen: Screen = { pages: [scorePage], actions: [retryScore, decideScore, withdrawScore] };

function Actions({ score }: { score: ExplainedScore }): VNode {
  const { id, state } = score;
  return (
    <div class="actions">
      {isRetryable(score) && (
        <ActionForm
          of={retryScore}
          params={{ id }}
          label="Retry"
          reason="required"
          hint="Makes it due now, and lets go what was set aside above it."
        />
      )}
      {state === 'held' && (
        <ActionForm of={decideScore} params={{ id }} label="Decide" reason="required">
          <fieldset>
            <legend>Which grade counts</legend>
            <label class="choice">
              <input type="radio" name="decision" value="send" required /> Send this score over what stands there
            </label>
            <label class="choice">
              <input type="radio" name="decision" value="keep" /> Keep what stands in the gradebook
            </label>
          </fieldset>
        </ActionForm>
      )}
      {state === 'due' && (
        <ActionForm
          of={withdrawScore}
          params={{ id }}
          label="Withdraw"
          reason="required"
          isDangerous
          hint="It is not sent, and ends as rejected with your reason. The gradebook keeps what it has."
        />
      )}
    </div>
  );
}

function Place({ score }: { score: ExplainedScore }): VNode {
  const { context, contextId, platformId, lineItem, revision, submittedRevision, submittedAt, changedAt } = score;
  return (
    <Facts>
      <Fact name="Course">
        <a href={hrefOf({ path: '/courses/:id' }, { id: context })}>{contextId}</a>
      </Fact>
      <Fact name="Platform">{platformId}</Fact>
      <Fact name="Column">
        {nameOfColumn(score)}
        {lineItem.id === null && <span class="muted"> (not known to the LMS yet)</span>}
      </Fact>
      <Fact name="Changed in the tool">
        <When at={changedAt} />
      </Fact>
      <Fact name="Revision">
        {revision}
        {submittedRevision !== null && submittedRevision !== revision && (
          <span class="muted"> (the gradebook has {submittedRevision})</span>
        )}
      </Fact>
      <Fact name="Taken by the LMS">
        <When at={submittedAt} or="not yet" />
      </Fact>
      <Fact name="Id">
        <code>{score.id}</code>
      </Fact>
    </Facts>
  );
}

const ATTEMPTS: readonly Column<Attempt>[] = [
  { head: 'When (UTC)', cell: ({ startedAt }) => <Instant at={startedAt} /> },
  { head: 'Call', cell: ({ kind }) => (kind === 'submit' ? 'sent' : 'read back') },
  { head: 'Revision', isNumber: true, cell: ({ revision }) => revision },
  {
    head: 'Outcome',
    cell: ({ outcome, failureType }) => (
      <Badge tone={failureType === null ? 'good' : 'bad'}>{failureType ?? outcome}</Badge>
    ),
  },
  { head: 'Status', isNumber: true, cell: ({ status }) => status ?? '—' },
  { head: 'The LMS said', cell: ({ excerpt, code }) => <span class="sentence">{excerpt ?? code ?? '—'}</span> },
  { head: 'Took', isNumber: true, cell: ({ durationMs }) => `${durationMs} ms` },
  {
    head: 'Workflow',
    cell: ({ workflow }) => (workflow?.url ? <a href={workflow.url}>in Temporal</a> : (workflow?.workflowId ?? '—')),
  },
];
