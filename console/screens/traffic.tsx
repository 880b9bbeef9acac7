/** What was delivered in the last 24 hours, and how long calls took. */
import type { Static } from 'typebox';
import type { VNode } from 'preact';
import type { HourlyCallsSchema } from '../../api/schemas/health.js';
import { BarPlot } from '../layout/plot.js';
import { formatCount, Table, type Column } from '../layout/parts.js';

type Hours = NonNullable<Static<typeof HourlyCallsSchema>['hours']>;
type Hour = Hours[number];

const toClock = ({ since }: Hour): string => new Date(since).toISOString().slice(11, 16);
const toMs = (value: number | null): string => (value === null ? '—' : `${formatCount(value)} ms`);

export function Traffic({ hours }: { hours: Hours | null }): VNode {
  if (hours === null) return <p class="muted">It is being counted.</p>;
  const calls = hours.reduce((sum, hour) => sum + hour.calls, 0);
  if (calls === 0) return <p class="muted">No LMS was called in the last 24 hours.</p>;
  return (
    <>
      <div class="plots">
        <BarPlot
          title="Scores delivered in each hour"
          bars={hours.map((hour) => ({ label: toClock(hour), value: hour.delivered }))}
          format={formatCount}
        />
        <BarPlot
          title="How long calls took: nineteen of twenty, and the mean (dark)"
          bars={hours.map((hour) => ({
            ...{ label: toClock(hour), value: hour.p95Ms ?? hour.meanMs ?? 0, part: hour.meanMs ?? 0 },
          }))}
          format={toMs}
        />
      </div>
      <details class="figures">
        <summary>The figures</summary>
        <Table
          caption="Calls to LMSes by the hour, newest first"
          columns={COLUMNS}
          rows={hours.filter((hour) => hour.calls > 0).toReversed()}
          keyOf={toClock}
          empty="None."
        />
      </details>
    </>
  );
}

const COLUMNS: readonly Column<Hour>[] = [
  { head: 'Hour from (UTC)', cell: toClock },
  { head: 'Delivered', isNumber: true, cell: ({ delivered }) => formatCount(delivered) },
  { head: 'Calls', isNumber: true, cell: ({ calls }) => formatCount(calls) },
  { head: 'Failed', isNumber: true, cell: ({ failed }) => formatCount(failed) },
  { head: 'Mean', isNumber: true, cell: ({ meanMs }) => toMs(meanMs) },
  { head: 'Nineteen of twenty within', isNumber: true, cell: ({ p95Ms }) => toMs(p95Ms) },
];
