import type { VNode } from 'preact';
import { formatCount, Table, type Column } from '../layout/parts.js';

/** A tenth of the whole scale, in percent of the maximum. */
export interface Bucket {
  from: number;
  to: number;
  count: number;
}

/** From what falls by more than the whole to what rises by it or more. */
const FIRST = -110;
const BARS = 22;
const TICKS = ['−100 %', '−50 %', '0', '+50 %', '+100 %'];
const HEIGHT = 100;

/** How many grades change by how much: bars, and a table that says the same. */
export function Histogram({ buckets }: { buckets: readonly Bucket[] }): VNode {
  const most = Math.max(...buckets.map(({ count }) => count));
  const fallen = sum(buckets.filter(({ from }) => from < 0));
  const risen = sum(buckets.filter(({ from }) => from >= 0));
  const said = `${formatCount(fallen)} grades fall and ${formatCount(risen)} rise; the table has how far.`;
  return (
    <div class="histogram">
      <figure>
        <svg role="img" aria-label={said} viewBox={`0 0 ${BARS * 10} ${HEIGHT}`} preserveAspectRatio="none">
          {buckets.map(({ from, count }) => {
            // What is rare is seen too.
            const height = Math.max(2, (count / most) * HEIGHT);
            return (
              <rect
                key={from}
                class={from < 0 ? 'fall' : 'rise'}
                x={from - FIRST + 1}
                y={HEIGHT - height}
                width={8}
                height={height}
              />
            );
          })}
        </svg>
        <ol aria-hidden="true">
          {TICKS.map((tick) => (
            <li key={tick}>{tick}</li>
          ))}
        </ol>
        <figcaption class="hint">Change in percent of the maximum</figcaption>
      </figure>
      <Table
        caption="How many grades change by how much, in percent of the maximum"
        columns={COLUMNS}
        rows={buckets}
        keyOf={({ from }) => String(from)}
        empty="No grade that is there changes."
      />
    </div>
  );
}

const COLUMNS: readonly Column<Bucket>[] = [
  { head: 'Change', cell: toRange },
  { head: 'Grades', isNumber: true, cell: ({ count }) => formatCount(count) },
];

function toRange({ from, to }: Bucket): string {
  if (from <= FIRST) return 'falls by more than 100 %';
  if (from >= 100) return 'rises by 100 % or more';
  return from < 0 ? `falls by ${-to} to ${-from} %` : `rises by ${from} to ${to} %`;
}

function sum(buckets: readonly Bucket[]): number {
  return buckets.reduce((total, { count }) => total + count, 0);
}
