import cronstrue from 'cronstrue';
import type { Static } from 'typebox';
import type { VNode } from 'preact';
import type { ScheduleSchema } from '../../api/schemas/schedule.js';
import { ActionForm } from '../layout/action-form.js';
import { Badge, Instant, Table, toDuration, When, type Column } from '../layout/parts.js';
import type { Action } from '../screen.js';

type Schedule = Static<typeof ScheduleSchema>;

export interface ScheduleTableProps {
  schedules: readonly Schedule[];
  of: Readonly<Record<'trigger' | 'pause' | 'unpause', Action>>;
}

export function ScheduleTable({ schedules, of }: ScheduleTableProps): VNode {
  const columns: readonly Column<Schedule>[] = [
    { head: 'Schedule', cell: ({ name }) => name },
    {
      head: 'When',
      cell: (schedule) => (
        <span class="sentence">
          {toTimes(schedule)} {schedule.cron !== null && <code class="muted">{schedule.cron}</code>}
        </span>
      ),
    },
    {
      head: 'State',
      cell: ({ paused, running }) =>
        paused ? (
          <Badge tone="warn">paused</Badge>
        ) : running.length > 0 ? (
          <Badge tone="calm">running</Badge>
        ) : (
          <Badge tone="good">by the clock</Badge>
        ),
    },
    { head: 'Last', cell: ({ recent }) => <When at={recent.at(-1)?.startedAt ?? null} or="never" /> },
    { head: 'Next (UTC)', cell: ({ nextRuns }) => <Next times={nextRuns} /> },
    {
      head: 'Do',
      cell: ({ name, paused }) => (
        <div class="actions">
          <ActionForm of={of.trigger} params={{ name }} label="Begin now" reason="required" />
          {paused ? (
            <ActionForm of={of.unpause} params={{ name }} label="Unpause" reason="required" />
          ) : (
            <ActionForm of={of.pause} params={{ name }} label="Pause" reason="required" isDangerous />
          )}
        </div>
      ),
    },
  ];
  return (
    <Table caption="Schedules" columns={columns} rows={schedules} keyOf={({ name }) => name} empty="There is none." />
  );
}

/** In words, as the clock of its time zone shows it. */
function toTimes({ cron, everySeconds, timeZone, jitterSeconds }: Schedule): string {
  if (cron === null) return everySeconds === null ? 'Several times.' : `Every ${toDuration(everySeconds)}.`;
  const later = jitterSeconds > 0 ? `, up to ${toDuration(jitterSeconds)} later` : '';
  return `${wordsOf(cron)}${later} (${timeZone}).`;
}

/** What Temporal was given by hand may be no line that can be put into words. */
function wordsOf(cron: string): string {
  try {
    return cronstrue.toString(cron, { use24HourTimeFormat: true });
  } catch {
    return cron;
  }
}

const MOST_TIMES = 5;

function Next({ times }: { times: Schedule['nextRuns'] }): VNode {
  if (times.length === 0) return <>—</>;
  return (
    <ul class="times">
      {times.slice(0, MOST_TIMES).map((at) => (
        <li key={new Date(at).toISOString()}>
          <Instant at={at} />
        </li>
      ))}
    </ul>
  );
}
