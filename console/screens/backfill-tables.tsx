import type { Static } from 'typebox';
import type { VNode } from 'preact';
import type { BackfillColumnSchema, BackfillProblemSchema } from '../../api/schemas/backfill.js';
import type { ChangeSchema } from '../../api/schemas/backfill-preview.js';
import { BACKFILL_REASONS } from '../../domain/backfill-reasons.js';
import { CHANGE_KINDS } from '../../domain/backfill.js';
import { Badge, formatCount, Table, When, type Column, type Tone } from '../layout/parts.js';
import { hrefOf } from '../screen.js';
import { KIND_WORDS } from './backfill-words.js';

type Change = Static<typeof ChangeSchema>;
type Problem = Static<typeof BackfillProblemSchema>;
type BackfillColumn = Static<typeof BackfillColumnSchema>;

export function ChangeTable({ changes, caption }: { changes: readonly Change[]; caption: string }): VNode {
  return (
    <Table
      {...{ caption, columns: CHANGES, rows: changes }}
      keyOf={({ line }) => String(line)}
      empty="No line is like that."
    />
  );
}

export function ProblemTable({ problems, caption }: { problems: readonly Problem[]; caption: string }): VNode {
  return (
    <Table
      {...{ caption, columns: PROBLEMS, rows: problems }}
      keyOf={({ line, type }) => `${line} ${type}`}
      empty="No line has a problem."
    />
  );
}

export function ColumnTable({ columns }: { columns: readonly BackfillColumn[] }): VNode {
  return (
    <Table
      caption="Courses and columns of the backfill"
      columns={COLUMNS}
      rows={columns}
      keyOf={({ platformId, contextId, lineItem }) => JSON.stringify([platformId, contextId, lineItem])}
      empty="It has no columns yet."
    />
  );
}

const OUTCOME_TONES: Readonly<Record<string, Tone>> = {
  sent: 'good',
  there: 'good',
  rejected: 'bad',
  held: 'warn',
  released: 'calm',
  pending: 'calm',
};

const CHANGES: readonly Column<Change>[] = [
  { head: 'Line', cell: ({ line }) => formatCount(line) },
  {
    head: 'Student',
    cell: ({ userId, scoreId }) =>
      scoreId === null ? userId : <a href={hrefOf({ path: '/scores/:id' }, { id: scoreId })}>{userId}</a>,
  },
  { head: 'Before', isNumber: true, cell: ({ before }) => toPoints(before) },
  { head: 'After', isNumber: true, cell: ({ after }) => toPoints(after) },
  { head: 'Change', cell: ({ kind }) => (kind === null ? '—' : KIND_WORDS[kind]) },
  { head: 'Outcome', cell: ({ outcome }) => <Badge tone={OUTCOME_TONES[outcome] ?? 'quiet'}>{outcome}</Badge> },
  {
    head: 'Why',
    cell: ({ reason }) => reason !== null && <span class="sentence">{BACKFILL_REASONS[reason] ?? reason}</span>,
  },
  { head: 'Column', cell: (change) => <span class="sentence">{nameOf(change)}</span> },
  { head: 'Course', cell: ({ contextId }) => contextId },
  { head: 'Platform', cell: ({ platformId }) => platformId },
  { head: 'At', cell: ({ at }) => <When at={at} /> },
];

const PROBLEMS: readonly Column<Problem>[] = [
  { head: 'Line', cell: ({ line }) => formatCount(line) },
  { head: 'What', cell: ({ detail }) => <span class="sentence">{detail}</span> },
  { head: 'Type', cell: ({ type }) => <code>{type}</code> },
];

const COLUMNS: readonly Column<BackfillColumn>[] = [
  { head: 'Column', cell: (column) => <span class="sentence">{nameOf(column)}</span> },
  { head: 'Course', cell: ({ contextId }) => contextId },
  { head: 'Platform', cell: ({ platformId }) => platformId },
  ...CHANGE_KINDS.map((kind): Column<BackfillColumn> => {
    const word = KIND_WORDS[kind];
    const head = `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
    return { head, isNumber: true, cell: ({ counts }) => formatCount(counts[kind] ?? 0) };
  }),
  {
    head: 'Why not',
    cell: ({ problem, blocked }) => {
      const reason = problem ?? blocked;
      return reason !== null && <span class="sentence">{BACKFILL_REASONS[reason] ?? reason}</span>;
    },
  },
];

function nameOf({ lineItem }: { lineItem: Change['lineItem'] & { label?: string | null } }): string {
  const { label, resourceId, resourceLinkId, id } = lineItem;
  return label ?? resourceId ?? resourceLinkId ?? id ?? 'a column without a name';
}

function toPoints(points: Change['before']): string {
  if (points === null) return '—';
  return `${points.scoreGiven ?? '—'} / ${points.scoreMaximum ?? '—'}`;
}
