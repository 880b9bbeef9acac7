import type { Static } from 'typebox';
import type { VNode } from 'preact';
import type { RunSchema } from '../../api/schemas/run.js';
import { Badge, formatCount, Table, toDuration, When, type Column, type Tone } from '../layout/parts.js';

type Run = Static<typeof RunSchema>;

const KINDS: Readonly<Record<Run['kind'], string>> = {
  nightly: 'Night',
  rosters: 'Rosters',
  reconcile: 'Reconciliation',
  sync: 'Sync',
};
const TONES: Readonly<Record<Run['state'], Tone>> = {
  running: 'calm',
  completed: 'good',
  incomplete: 'warn',
  failed: 'bad',
};

const COLUMNS: readonly Column<Run>[] = [
  { head: 'Run', cell: (run) => <a href={`/console/runs/${run.id}`}>{KINDS[run.kind]}</a> },
  { head: 'State', cell: ({ state }) => <Badge tone={TONES[state]}>{state}</Badge> },
  { head: 'Began', cell: ({ startedAt }) => <When at={startedAt} /> },
  { head: 'Took', isNumber: true, cell: ({ durationSeconds }) => toDuration(durationSeconds) },
  {
    head: 'Courses',
    isNumber: true,
    cell: ({ settled, contexts }) => `${formatCount(settled)} of ${formatCount(contexts)}`,
  },
  { head: 'Sent', isNumber: true, cell: ({ submitted }) => formatCount(submitted) },
  { head: 'Rejected', isNumber: true, cell: ({ rejected }) => formatCount(rejected) },
  { head: 'Waiting', isNumber: true, cell: ({ waiting }) => formatCount(waiting) },
];

export function RunTable({ runs, caption }: { runs: readonly Run[]; caption: string }): VNode {
  return <Table caption={caption} columns={COLUMNS} rows={runs} keyOf={({ id }) => id} empty="No run has begun yet." />;
}

export function RunState({ state }: Pick<Run, 'state'>): VNode {
  return <Badge tone={TONES[state]}>{state}</Badge>;
}

export const kindOf = ({ kind }: Pick<Run, 'kind'>): string => KINDS[kind];
