import type { VNode } from 'preact';
import { hrefOf } from '../screen.js';
import { Table, When, type Column } from '../layout/parts.js';
import { nameOfColumn, reasonOf, StateBadge, toPoints, type Score } from './score-words.js';

const COLUMNS: readonly Column<Score>[] = [
  { head: 'Student', cell: ({ id, userId }) => <a href={hrefOf({ path: '/scores/:id' }, { id })}>{userId}</a> },
  { head: 'Score', isNumber: true, cell: toPoints },
  { head: 'State', cell: (score) => <StateBadge state={score.state} /> },
  { head: 'Why', cell: (score) => <span class="sentence">{reasonOf(score)}</span> },
  { head: 'Column', cell: nameOfColumn },
  {
    head: 'Course',
    cell: ({ context, contextId }) => <a href={hrefOf({ path: '/courses/:id' }, { id: context })}>{contextId}</a>,
  },
  { head: 'Platform', cell: ({ platformId }) => platformId },
  { head: 'Changed', cell: ({ updatedAt }) => <When at={updatedAt} /> },
];

export function ScoreTable({
  scores,
  caption,
  empty,
}: {
  scores: readonly Score[];
  caption: string;
  empty: string;
}): VNode {
  return <Table caption={caption} columns={COLUMNS} rows={scores} keyOf={({ id }) => id} empty={empty} />;
}
