import Type, { type Static } from 'typebox';
import type { VNode } from 'preact';
import { NextCursorSchema, pageSchema } from '../../api/schemas/building-blocks.js';
import { ContextSchema } from '../../api/schemas/context.js';
import { MembershipSchema } from '../../api/schemas/membership.js';
import { ScoreSchema } from '../../api/schemas/score.js';
import { at } from '../api-client.js';
import { ActionForm } from '../layout/action-form.js';
import { Badge, Region, Table, When, type Column } from '../layout/parts.js';
import { hrefOf, type Page, type Screen } from '../screen.js';
import { isRetryable, retryOn } from './retry-score.js';
import { adviceOf, nameOfColumn, reasonOf, StateBadge, toPoints, type Score } from './score-words.js';

const ScoresSchema = Type.Object({ scores: Type.Array(ScoreSchema), nextCursor: NextCursorSchema });
const MembershipsSchema = pageSchema({ memberships: Type.Array(MembershipSchema) });
type Membership = Static<typeof MembershipSchema>;

/** Columns of one student in one course. */
const MOST_SHOWN = '200';

/** All that one person has in one course. Named by any score of theirs there, for no student stands in an address. */
const personPage: Page = {
  path: '/scores/:id/person',
  async load({ api, param }) {
    const id = param('id');
    const { context, userId } = await api.get(at`/v1/scores/${id}`, ScoreSchema);
    const [course, { scores }, { memberships }] = await Promise.all([
      api.get(at`/v1/contexts/${context}`, ContextSchema),
      api.get('/v1/scores', ScoresSchema, { context, userId, limit: MOST_SHOWN }),
      api.get(at`/v1/contexts/${context}/memberships`, MembershipsSchema, { userId, limit: '1' }),
    ]);
    return {
      title: `${userId} in ${course.title ?? course.contextId}`,
      section: '/scores',
      refreshSeconds: 5,
      body: (
        <>
          <h1>
            {memberships[0]?.name ?? userId} <span class="muted">in</span>{' '}
            <a href={hrefOf({ path: '/courses/:id' }, { id: context })}>{course.title ?? course.contextId}</a>
          </h1>
          <Region id="verdict" isLive>
            <Verdict scores={scores} />
          </Region>
          <p class="muted">
            {userId} on {course.platformId}. <Standing membership={memberships[0]} />
          </p>
          <Region id="scores">
            <Table
              caption="Scores by column"
              columns={columnsOf(id)}
              rows={scores}
              keyOf={(score) => score.id}
              empty="There is none."
            />
          </Region>
        </>
      ),
    };
  },
};

const retry = retryOn(personPage, 'score');

export const personScreen: Screen = { pages: [personPage], actions: [retry] };

function Verdict({ scores }: { scores: readonly Score[] }): VNode {
  const counted = scores.filter(({ state }) => state !== 'superseded');
  const there = counted.filter(({ state }) => state === 'submitted').length;
  const stuck = counted.filter(({ state }) => state === 'rejected' || state === 'held').length;
  const isAll = there === counted.length;
  return (
    <p class={`verdict ${isAll ? 'good' : stuck > 0 ? 'bad' : 'warn'}`}>
      {isAll ? 'All scores are in the gradebook.' : `${there} of ${counted.length} scores are in the gradebook.`}
    </p>
  );
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

const columnsOf = (id: string): readonly Column<Score>[] => [
  {
    head: 'Column',
    cell: (score) => <a href={hrefOf({ path: '/scores/:id' }, { id: score.id })}>{nameOfColumn(score)}</a>,
  },
  { head: 'The tool has', isNumber: true, cell: toPoints },
  { head: 'State', cell: ({ state }) => <StateBadge state={state} /> },
  { head: 'Why', cell: (score) => <span class="sentence">{reasonOf(score)}</span> },
  { head: 'What helps', cell: (score) => <span class="sentence">{adviceOf(score)}</span> },
  { head: 'Since', cell: ({ waitingFor, updatedAt }) => <When at={waitingFor?.since ?? updatedAt} /> },
  { head: 'Taken by the LMS', cell: ({ submittedAt }) => <When at={submittedAt} or="not yet" /> },
  {
    head: 'Do',
    cell: (score) =>
      isRetryable(score) && <ActionForm of={retry} params={{ id, score: score.id }} label="Retry" reason="required" />,
  },
];
