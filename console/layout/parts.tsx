/** Small things that every screen is made of. */
import type { ComponentChildren, VNode } from 'preact';
import { useVisit } from './visit-context.js';

type Instant = Date | string | null;

/** How long ago, or how soon; the instant itself is in its title, and in `datetime` for machines. */
export function When({ at, or = '—' }: { at: Instant; or?: string }): VNode {
  const { now } = useVisit();
  if (at === null) return <span class="muted">{or}</span>;
  const instant = new Date(at);
  const iso = instant.toISOString();
  return (
    <time dateTime={iso} title={`${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`}>
      {toDistance(instant.getTime() - now.getTime())}
    </time>
  );
}

/** The instant itself, in UTC. */
export function Instant({ at }: { at: Date | string }): VNode {
  const iso = new Date(at).toISOString();
  return (
    <time dateTime={iso}>
      {iso.slice(0, 10)} {iso.slice(11, 19)}
    </time>
  );
}

function toDistance(ms: number): string {
  const text = toDuration(Math.abs(ms) / 1_000);
  return ms > 0 ? `in ${text}` : `${text} ago`;
}

/** Two figures at most: nobody acts on seconds of a day. */
export function toDuration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 12 && hours < 48) return `${hours} h`;
  if (hours < 12) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.round(hours / 24)} days`;
}

export type Tone = 'good' | 'warn' | 'bad' | 'calm' | 'quiet';

/** A word with a colour that says the same. */
export function Badge({ tone, children }: { tone: Tone; children: ComponentChildren }): VNode {
  return <span class={`badge ${tone}`}>{children}</span>;
}

export function formatCount(count: number): string {
  return count.toLocaleString('en');
}

/** A list of facts. */
export function Facts({ children }: { children: ComponentChildren }): VNode {
  return <dl class="facts">{children}</dl>;
}

export function Fact({ name, children }: { name: string; children: ComponentChildren }): VNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A part of the page that is fetched again; `isLive`: what changes in it is read aloud, so only for a verdict. */
export function Region({
  id,
  isLive = false,
  children,
}: {
  id: string;
  isLive?: boolean;
  children: ComponentChildren;
}): VNode {
  return (
    <div id={id} data-region aria-live={isLive ? 'polite' : undefined}>
      {children}
    </div>
  );
}

export interface Column<Row> {
  head: string;
  cell: (row: Row) => ComponentChildren;
  isNumber?: boolean;
}

export interface TableProps<Row> {
  /** What it lists; read by screen readers, and shown where `heading` is not set. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** What stands there when there is none. */
  empty: string;
}

/** A table that scrolls in itself where it is wider than the page. The first cell of a row is its head. */
export function Table<Row>({ caption, columns, rows, keyOf, empty }: TableProps<Row>): VNode {
  if (rows.length === 0) return <p class="muted empty">{empty}</p>;
  return (
    <div class="scroll" role="region" aria-label={caption} tabindex={0}>
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ head, isNumber }) => (
              <th key={head} scope="col" class={isNumber ? 'number' : undefined}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ head, cell, isNumber }, index) =>
                index === 0 ? (
                  <th key={head} scope="row">
                    {cell(row)}
                  </th>
                ) : (
                  <td key={head} class={isNumber ? 'number' : undefined}>
                    {cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** On to the next page of a list, with the same filters. */
export function Pager({
  path,
  query,
  nextCursor,
}: {
  path: string;
  query: URLSearchParams;
  nextCursor: string | null;
}): VNode | null {
  const first = new URLSearchParams(query);
  const isFirst = !first.has('cursor');
  first.delete('cursor');
  if (isFirst && nextCursor === null) return null;
  const next = new URLSearchParams(first);
  if (nextCursor !== null) next.set('cursor', nextCursor);
  return (
    <nav class="pager" aria-label="Pages">
      {!isFirst && <a href={`${path}?${first.toString()}`}>First page</a>}
      {nextCursor !== null && (
        <a href={`${path}?${next.toString()}`} rel="next">
          Next page
        </a>
      )}
    </nav>
  );
}
