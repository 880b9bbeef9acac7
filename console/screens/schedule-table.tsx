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
      cell: ({ cron, everySeconds, timeZone }) =>
        cron !== null
          ? `${cron} (${timeZone})`
          : everySeconds !== null
            ? `every ${toDuration(everySeconds)}`
            : 'several times',
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
    { head: 'Next (UTC)', cell: ({ nextRuns: [next] }) => (next === undefined ? '—' : <Instant at={next} />) },
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
