import type { VNode } from 'preact';
import { BACKFILL_REASONS } from '../../domain/backfill-reasons.js';
import { CHANGE_KINDS } from '../../domain/backfill.js';
import { Fact, Facts, formatCount, Table, toDuration, type Column } from '../layout/parts.js';
import { hrefOf } from '../screen.js';
import { ChangeTable } from './backfill-tables.js';
import { KIND_WORDS, type Backfill } from './backfill-words.js';
import { Histogram } from './histogram.js';

type Preview = NonNullable<Backfill['preview']>;

/** What it would change, counted. Nothing where that is not known yet. */
export function BackfillPreview({ backfill: { id, preview, lines } }: { backfill: Backfill }): VNode | null {
  if (preview === null) return null;
  const { histogram, reasons, samples } = preview;
  const params = { id };
  return (
    <>
      <h2>What it would change</h2>
      <Counts preview={preview} lines={lines} />
      <PreviewFacts preview={preview} />
      {histogram.length > 0 && (
        <>
          <h2>How grades change</h2>
          <Histogram buckets={histogram} />
        </>
      )}
      {Object.keys(reasons).length > 0 && (
        <>
          <h2>Lines that are not carried out</h2>
          <Table
            caption="Lines that are not carried out, by why"
            columns={REASONS}
            rows={Object.entries(reasons).toSorted(([, one], [, other]) => other - one)}
            keyOf={([reason]) => reason}
            empty=""
          />
        </>
      )}
      <h2>Some of its lines</h2>
      <ChangeTable changes={samples} caption="Some of its lines: the sharpest drops, the highest rises, some others" />
      <p>
        <a href={hrefOf({ path: '/backfills/:id/changes' }, params)}>All lines</a>,{' '}
        <a href={hrefOf({ path: '/backfills/:id/columns' }, params)}>by course and column</a>
      </p>
    </>
  );
}

function Counts({ preview: { kinds, unreadable }, lines }: { preview: Preview; lines: number }): VNode {
  const counted = CHANGE_KINDS.map((kind) => ({ name: KIND_WORDS[kind], count: kinds[kind] ?? 0 }));
  const all = [...counted, { name: 'unreadable', count: unreadable }].filter(({ count }) => count > 0);
  if (all.length === 0) return <p class="muted">None of its {formatCount(lines)} lines changes anything.</p>;
  return (
    <ul class="counts">
      {all.map(({ name, count }) => (
        <li key={name} class="card">
          <strong>{formatCount(count)}</strong> {name}
        </li>
      ))}
    </ul>
  );
}

function PreviewFacts({ preview }: { preview: Preview }): VNode {
  const { toSend, largestDrop, contexts, columns, checkedColumns, estimate } = preview;
  return (
    <Facts>
      <Fact name="To send">{formatCount(toSend)}</Fact>
      <Fact name="Sharpest drop">{largestDrop > 0 ? `${largestDrop} % of the maximum` : 'no grade falls'}</Fact>
      <Fact name="In">
        {formatCount(contexts)} {contexts === 1 ? 'course' : 'courses'}, {formatCount(columns)}{' '}
        {columns === 1 ? 'column' : 'columns'}
      </Fact>
      {checkedColumns > 0 && <Fact name="Compared with gradebooks">{formatCount(checkedColumns)} columns</Fact>}
      <Fact name="Would take">{toDuration(estimate.seconds)}</Fact>
    </Facts>
  );
}

const REASONS: readonly Column<[string, number]>[] = [
  { head: 'Why', cell: ([reason]) => <span class="sentence">{BACKFILL_REASONS[reason] ?? reason}</span> },
  { head: 'Lines', isNumber: true, cell: ([, count]) => formatCount(count) },
];
