import type { Static } from 'typebox';
import type { VNode } from 'preact';
import type { DriftSchema } from '../../api/schemas/drift.js';
import { Badge, Table, When, type Column } from '../layout/parts.js';
import { hrefOf } from '../screen.js';

type Difference = Static<typeof DriftSchema>;

/** What each kind is called. */
export const DIFFERENCE_WORDS: Readonly<Record<Difference['kind'], string>> = {
  missing: 'no grade is shown',
  changed: 'another grade',
  rescaled: 'another maximum',
  capped: 'the most that it can',
  userGone: 'the person is gone',
};

const toFigure = (given: number | null, maximum: number | null): string =>
  given === null ? 'none' : `${given} / ${maximum ?? 1}`;

const COLUMNS: readonly Column<Difference>[] = [
  {
    head: 'Student',
    cell: ({ scoreId: id, userId }) => <a href={hrefOf({ path: '/scores/:id' }, { id })}>{userId}</a>,
  },
  { head: 'Column', cell: ({ lineItem: { label, id, uuid } }) => label ?? id ?? uuid },
  {
    head: 'Course',
    cell: ({ context, contextId }) => <a href={hrefOf({ path: '/courses/:id' }, { id: context })}>{contextId}</a>,
  },
  { head: 'What it shows', cell: ({ kind }) => <Badge tone="warn">{DIFFERENCE_WORDS[kind]}</Badge> },
  { head: 'Sent', isNumber: true, cell: ({ sent }) => toFigure(sent.scoreGiven, sent.scoreMaximum) },
  { head: 'Shown', isNumber: true, cell: ({ shown }) => toFigure(shown.resultScore, shown.resultMaximum) },
  { head: 'Found', cell: ({ foundAt }) => <When at={foundAt} /> },
  { head: 'Sent again', cell: ({ resentAt }) => <When at={resentAt} or="no" /> },
];

export function DifferenceTable({ differences, empty }: { differences: readonly Difference[]; empty: string }): VNode {
  return (
    <Table
      caption="What gradebooks show otherwise, newest first"
      columns={COLUMNS}
      rows={differences}
      keyOf={({ id }) => id}
      empty={empty}
    />
  );
}
