import type { Static } from 'typebox';
import type { VNode } from 'preact';
import { FailuresSchema, type FailureSchema } from '../../api/schemas/failure.js';
import { HealthSchema } from '../../api/schemas/health.js';
import { FAILURE_WINDOWS, TAKEN_BACK } from '../../domain/failure.js';
import { formatCount, Region, Table, type Column } from '../layout/parts.js';
import { useVisit } from '../layout/visit-context.js';
import type { Page, Screen } from '../screen.js';
import { toList, toRetry, type FailureFilter } from './failure-filter.js';
import { retryFailures, retryPage } from './retry-failures.js';
import { SeeLink } from './what-helps.js';

type Failure = Static<typeof FailureSchema>;

const triage: Page = {
  path: '/triage',
  async load({ api }) {
    const [{ failures }, { findings }] = await Promise.all([
      api.get('/v1/failures', FailuresSchema),
      api.get('/v1/health/operations', HealthSchema),
    ]);
    const waiting = findings.filter(({ type }) => WAITING.includes(type));
    const platforms = byPlatform(failures);
    return {
      title: 'Triage',
      section: '/triage',
      refreshSeconds: 15,
      body: (
        <>
          <h1>Triage</h1>
          <Region id="verdict" isLive>
            <Verdict failures={failures} />
          </Region>
          <Region id="failures">
            {platforms.length > 0 && (
              <>
                <h2>By platform</h2>
                <Table
                  caption="Failed scores by platform"
                  columns={BY_PLATFORM}
                  rows={platforms}
                  keyOf={({ platformId }) => platformId}
                  empty=""
                />
                <h2>By kind of failure</h2>
                <Table
                  caption="Failed scores by kind of failure and platform"
                  columns={BY_KIND}
                  rows={failures}
                  keyOf={({ type, platformId }) => `${type} ${platformId}`}
                  empty=""
                />
              </>
            )}
          </Region>
          <Region id="waiting">
            <Waiting findings={waiting} />
          </Region>
          <p>
            <a href="/console/bulk-operations">Retries and other work in bulk</a>
          </p>
        </>
      ),
    };
  },
};

export const triageScreen: Screen = { pages: [triage, retryPage], actions: [retryFailures] };

/** Findings of what has not failed, and waits until somebody puts something right. */
const WAITING = ['breakerOpen', 'contextsParked', 'lineItemsParked', 'launchNeeded'];

const isTakenBack = ({ type }: Failure): boolean => TAKEN_BACK.some((one) => one === type);

function Verdict({ failures }: { failures: readonly Failure[] }): VNode {
  const all = failures.filter((failure) => !isTakenBack(failure)).map(({ windows }) => windows.at(-1));
  const count = all.reduce((sum, window) => sum + (window?.count ?? 0), 0);
  if (count === 0) return <p class="verdict good">Nothing failed within 7 days.</p>;
  const isCapped = all.some((window) => window?.isCapped === true);
  const said = `${formatCapped({ count, isCapped })} ${count === 1 ? 'score' : 'scores'} failed within 7 days.`;
  return <p class="verdict warn">{said}</p>;
}

function Waiting({ findings }: { findings: Static<typeof HealthSchema>['findings'] }): VNode | null {
  if (findings.length === 0) return null;
  return (
    <>
      <h2>Not failed, and waits</h2>
      <ul class="findings">
        {findings.map((finding) => (
          <li key={`${finding.type} ${finding.subject ?? ''}`} class="card finding">
            <div>
              <p>{finding.sentence}</p>
              <p class="hint">{finding.advice}</p>
            </div>
            <div class="help">
              <SeeLink see={finding.see} />
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}

/** One count, and where what it counts is listed. */
interface Cell {
  count: number;
  isCapped: boolean;
  filter: FailureFilter & Record<'platformId' | 'failedAfter' | 'failedBefore', string>;
}

interface Line {
  platformId: string;
  cells: readonly Cell[];
  /** Of the longest window, without what was taken back. */
  retried: Cell | undefined;
}

function toCell({ count, isCapped, filter }: Failure['windows'][number]): Cell {
  const { failureType, platformId, failedAfter, failedBefore } = filter;
  const window = { failedAfter: toText(failedAfter), failedBefore: toText(failedBefore) };
  return { count, isCapped, filter: { failureType, platformId, ...window } };
}

const toText = (instant: Date | string): string => new Date(instant).toISOString();

/** Those of all kinds, most first: what one outage left behind is put right together. */
function byPlatform(failures: readonly Failure[]): Line[] {
  const platforms = [...new Set(failures.map(({ platformId }) => platformId))];
  const lines = platforms.map((platformId): Line => {
    const kinds = failures.filter((failure) => failure.platformId === platformId);
    const cellsAt = (place: number, all: readonly Failure[]) =>
      together(all.map(({ windows }) => windows.map(toCell).at(place)));
    return {
      ...{ platformId, cells: FAILURE_WINDOWS.flatMap((_hours, place) => cellsAt(place, kinds)) },
      retried: cellsAt(
        -1,
        kinds.filter((failure) => !isTakenBack(failure)),
      )[0],
    };
  });
  return lines.toSorted((one, other) => (other.cells.at(-1)?.count ?? 0) - (one.cells.at(-1)?.count ?? 0));
}

/** Cells of one platform and window as one of any kind. */
function together(cells: readonly (Cell | undefined)[]): Cell[] {
  const there = cells.filter((cell) => cell !== undefined);
  const [first] = there;
  if (!first) return [];
  const { platformId, failedAfter, failedBefore } = first.filter;
  const filter = { platformId, failedAfter, failedBefore };
  const count = there.reduce((sum, cell) => sum + cell.count, 0);
  return [{ count, isCapped: there.some(({ isCapped }) => isCapped), filter }];
}

const WINDOW_WORDS: Readonly<Record<(typeof FAILURE_WINDOWS)[number], string>> = {
  1: '1 hour',
  24: '24 hours',
  72: '3 days',
  168: '7 days',
};

const columnsOf = <Row,>(cellsOf: (row: Row) => readonly Cell[]): Column<Row>[] =>
  FAILURE_WINDOWS.map((hours, place) => ({
    head: WINDOW_WORDS[hours],
    isNumber: true,
    cell: (row) => <Count cell={cellsOf(row)[place]} />,
  }));

const BY_PLATFORM: readonly Column<Line>[] = [
  { head: 'Platform', cell: ({ platformId }) => platformId },
  ...columnsOf<Line>(({ cells }) => cells),
  { head: 'Help', cell: ({ retried, platformId }) => <Retry cell={retried} what={`at ${platformId}`} /> },
];

const BY_KIND: readonly Column<Failure>[] = [
  {
    head: 'Failure',
    cell: ({ sentence, advice, type }) => (
      <span class="sentence">
        {sentence} <span class="hint">{advice}</span> <code class="muted">{type}</code>
      </span>
    ),
  },
  { head: 'Platform', cell: ({ platformId }) => platformId },
  ...columnsOf<Failure>(({ windows }) => windows.map(toCell)),
  {
    head: 'Help',
    cell: (failure) => {
      const { windows, type, platformId } = failure;
      // What somebody took back was never to be sent: nothing here leads to it in one step.
      if (isTakenBack(failure)) return null;
      return <Retry cell={windows.map(toCell).at(-1)} what={`of ${type} at ${platformId}`} />;
    },
  },
];

function Count({ cell }: { cell: Cell | undefined }): VNode {
  if (!cell || (cell.count === 0 && !cell.isCapped)) return <span class="muted">0</span>;
  return <a href={toList(cell.filter)}>{formatCapped(cell)}</a>;
}

function Retry({ cell, what }: { cell: Cell | undefined; what: string }): VNode | null {
  const { can } = useVisit();
  if (!cell || cell.count === 0 || !can(retryFailures.scope)) return null;
  return (
    <a class="button" href={toRetry(cell.filter)} aria-label={`Retry all ${formatCapped(cell)} ${what}`}>
      Retry all {formatCapped(cell)}…
    </a>
  );
}

const formatCapped = ({ count, isCapped }: Pick<Cell, 'count' | 'isCapped'>): string =>
  `${formatCount(count)}${isCapped ? '+' : ''}`;
