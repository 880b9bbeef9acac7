import type { Static } from 'typebox';
import type { VNode } from 'preact';
import { ExplainedScoreSchema, ScoreSchema } from '../../api/schemas/score.js';
import { StorySchema } from '../../api/schemas/story.js';
import { at, type ApiClient } from '../api-client.js';
import { ActionForm } from '../layout/action-form.js';
import { Answer } from '../layout/answer.js';
import { Badge, Fact, Facts, Instant, Region, Table, When, type Column } from '../layout/parts.js';
import { hrefOf, reasonIn, type Action, type Page, type Screen } from '../screen.js';
import { nameOfColumn, StateBadge, STATE_WORDS, toPoints } from './score-words.js';
import { Timeline } from './timeline.js';
import { HelpList, helpOn } from './what-helps.js';

type ExplainedScore = Static<typeof ExplainedScoreSchema>;
type Attempt = ExplainedScore['attempts'][number];
type Story = Static<typeof StorySchema>;

const readStory = async (api: ApiClient, id: string): Promise<Story> =>
  api.get(at`/v1/scores/${id}/story`, StorySchema);

const scorePage: Page = {
  path: '/scores/:id',
  async load({ api, param }) {
    const id = param('id');
    const [score, story] = await Promise.all([api.get(at`/v1/scores/${id}`, ExplainedScoreSchema), readStory(api, id)]);
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
            <p class={`verdict told ${STATE_WORDS[score.state].tone}`}>{story.verdict}</p>
          </Region>
          <Region id="story">
            <Next score={score} story={story} />
          </Region>
          <Region id="actions">
            <WhatHelps score={score} story={story} />
          </Region>
          <Region id="answers">
            <div class="answers">
              <Answer id="for-student" whom="the student" text={story.forStudent} />
              <Answer id="for-administrator" whom="the LMS administrator" text={story.forAdministrator.text} />
            </div>
          </Region>
          <h2>What happened</h2>
          <Region id="timeline">
            <Timeline {...story} />
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

const help = helpOn(scorePage, {
  path: '/scores/:id/help',
  listHelp: async ({ api, param }) => (await readStory(api, param('id'))).help.map(({ call }) => call),
  toBack: ({ param }) => hrefOf(scorePage, { id: param('id') }),
});

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

export const scoreScreen: Screen = { pages: [scorePage], actions: [help, withdrawScore] };

/** What it waits for, and what comes of itself. */
function Next({ score, story: { waitingFor, next } }: { score: ExplainedScore; story: Story }): VNode {
  return (
    <Facts>
      <Fact name="The tool has">
        {toPoints(score)} <StateBadge state={score.state} />
      </Fact>
      {waitingFor && (
        <Fact name="What it waits for">
          {waitingFor.sentence}
          <p class="hint">
            {waitingFor.since !== null && (
              <>
                Since <When at={waitingFor.since} />.
              </>
            )}{' '}
            {waitingFor.until !== null && (
              <>
                Until <When at={waitingFor.until} />.
              </>
            )}
          </p>
        </Fact>
      )}
      <Fact name="What happens next">
        {next.sentence}
        {next.at !== null && (
          <p class="hint">
            Due <When at={next.at} />.
          </p>
        )}
      </Fact>
    </Facts>
  );
}

function WhatHelps({ score: { id, state }, story }: { score: ExplainedScore; story: Story }): VNode {
  return (
    <>
      <h2>What you can do</h2>
      {story.help.length === 0 ? (
        <p>Nothing is to be done.</p>
      ) : (
        <HelpList help={story.help} of={help} params={{ id }} />
      )}
      {state === 'due' && (
        <div class="actions">
          <ActionForm
            of={withdrawScore}
            params={{ id }}
            label="Withdraw"
            reason="required"
            isDangerous
            hint="It is not sent, and ends as rejected with your reason. The gradebook keeps what it has."
          />
        </div>
      )}
    </>
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
