import Type, { type Static } from 'typebox';
import type { VNode } from 'preact';
import { pageSchema } from '../../api/schemas/building-blocks.js';
import { MembershipSchema } from '../../api/schemas/membership.js';
import { ScoreSchema } from '../../api/schemas/score.js';
import { PersonStorySchema } from '../../api/schemas/story.js';
import { at, type ApiClient } from '../api-client.js';
import { Answer } from '../layout/answer.js';
import { Notice } from '../layout/notice.js';
import { Badge, Region, Table, When, type Column } from '../layout/parts.js';
import { hrefOf, type Page, type Screen } from '../screen.js';
import { nameOfColumn, StateBadge, toPoints } from './score-words.js';
import { HelpList, helpOn } from './what-helps.js';

const MembershipsSchema = pageSchema({ memberships: Type.Array(MembershipSchema) });
type Membership = Static<typeof MembershipSchema>;
type Score = Static<typeof ScoreSchema>;
type Story = Static<typeof PersonStorySchema>;
type Told = Story['scores'][number];

const explain = async (api: ApiClient, { platformId, deploymentId, contextId, userId }: Score): Promise<Story> =>
  api.send('POST', '/v1/explain', { platformId, deploymentId, contextId, userId }, PersonStorySchema);

/** All that one person has in one course. Named by any score of theirs there, for no student stands in an address. */
const personPage: Page = {
  path: '/scores/:id/person',
  async load({ api, param }) {
    const id = param('id');
    const score = await api.get(at`/v1/scores/${id}`, ScoreSchema);
    const { context, contextId, userId, platformId } = score;
    const [story, { memberships }] = await Promise.all([
      explain(api, score),
      api.get(at`/v1/contexts/${context}/memberships`, MembershipsSchema, { userId, limit: '1' }),
    ]);
    const course = story.course?.title ?? contextId;
    return {
      title: `${userId} in ${course}`,
      section: '/scores',
      refreshSeconds: 5,
      body: (
        <>
          <h1>
            {memberships[0]?.name ?? userId} <span class="muted">in</span>{' '}
            <a href={hrefOf({ path: '/courses/:id' }, { id: context })}>{course}</a>
          </h1>
          <Region id="verdict" isLive>
            <p class={`verdict told ${toneOf(story)}`}>{story.verdict}</p>
          </Region>
          <p class="muted">
            {userId} on {platformId}. <Standing membership={memberships[0]} />
          </p>
          <Region id="findings">
            <Findings id={id} findings={story.findings} />
          </Region>
          <Region id="scores">
            <Table
              caption="Scores by column"
              columns={columnsOf(id)}
              rows={story.scores}
              keyOf={(told) => told.id}
              empty="There is none."
            />
            {story.hasMore && <p class="muted">These are the first {story.scores.length} columns.</p>}
          </Region>
          <Region id="answers">
            <Answers scores={story.scores} />
          </Region>
        </>
      ),
    };
  },
};

const help = helpOn(personPage, {
  path: '/scores/:id/person/help',
  async listHelp({ api, param }) {
    const { findings, scores } = await explain(api, await api.get(at`/v1/scores/${param('id')}`, ScoreSchema));
    return [...findings, ...scores].flatMap((one) => one.help.map(({ call }) => call));
  },
  toBack: ({ param }) => hrefOf(personPage, { id: param('id') }),
});

export const personScreen: Screen = { pages: [personPage], actions: [help] };

function toneOf({ scores }: Story): string {
  if (scores.some(({ state }) => state === 'rejected' || state === 'held')) return 'bad';
  return scores.every(({ state, shown }) => state === 'submitted' && shown === null) ? 'good' : 'warn';
}

function Standing({ membership }: { membership: Membership | undefined }): VNode {
  if (!membership) return <>Not in the roster that was last read.</>;
  const { status, standing, updatedAt } = membership;
  return (
    <>
      <Badge tone={status === 'Active' ? 'good' : 'warn'}>{`${standing}, ${status}`}</Badge> in the roster since{' '}
      <When at={updatedAt} />.
    </>
  );
}

/** Why there is less than was asked for. */
function Findings({ id, findings }: { id: string; findings: Story['findings'] }): VNode {
  return (
    <>
      {findings.map(({ kind, sentence, help: helpful }) => (
        <Notice key={kind} kind="info">
          <p>{sentence}</p>
          <HelpList help={helpful} of={help} params={{ id }} />
        </Notice>
      ))}
    </>
  );
}

const columnsOf = (id: string): readonly Column<Told>[] => [
  {
    head: 'Column',
    cell: (told) => <a href={hrefOf({ path: '/scores/:id' }, { id: told.id })}>{nameOfColumn(told)}</a>,
  },
  { head: 'State', cell: ({ state }) => <StateBadge state={state} /> },
  { head: 'In a sentence', cell: ({ verdict }) => <span class="sentence">{verdict}</span> },
  { head: 'Since', cell: ({ waitingFor, updatedAt }) => <When at={waitingFor?.since ?? updatedAt} /> },
  { head: 'What helps', cell: (told) => <HelpList help={told.help} of={help} params={{ id }} /> },
  { head: 'The tool has', isNumber: true, cell: ({ tool }) => toPoints(tool) },
  {
    head: 'The LMS took',
    isNumber: true,
    cell: ({ gradebook }) => (gradebook ? toPoints(gradebook) : <span class="muted">nothing</span>),
  },
  { head: 'Taken', cell: ({ gradebook }) => <When at={gradebook?.at ?? null} or="not yet" /> },
];

/** Of all columns together; those of one stand on its own page. */
function Answers({ scores }: { scores: readonly Told[] }): VNode | null {
  if (scores.length === 0) return null;
  return (
    <div class="answers">
      <Answer id="for-student" whom="the student" text={scores.map(({ forStudent }) => forStudent).join('\n')} />
      <Answer
        id="for-administrator"
        whom="the LMS administrator"
        text={scores.map(({ forAdministrator }) => forAdministrator).join('\n\n')}
      />
    </div>
  );
}
