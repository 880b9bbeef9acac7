/** What the page of a course is made of. */
import type { Static } from 'typebox';
import type { VNode } from 'preact';
import { SCORE_STATES } from '../../domain/score.js';
import type { CountedContextSchema, LineItemSchema } from '../../api/schemas/context.js';
import type { ServiceKeySchema } from '../../api/schemas/service-key.js';
import { toQuery } from '../api-client.js';
import { ActionForm } from '../layout/action-form.js';
import { Badge, formatCount, Table, When, type Column } from '../layout/parts.js';
import type { Action } from '../screen.js';
import { PolicyForm, POLICY_WORDS } from './grade-policy.js';
import { PauseForm } from './pause-form.js';
import { STATE_WORDS } from './score-words.js';

type CountedCourse = Static<typeof CountedContextSchema>;
type LineItem = Static<typeof LineItemSchema>;
type ServiceKey = Static<typeof ServiceKeySchema>;

export type CourseActionsOf = Readonly<
  Record<
    | 'resume'
    | 'pause'
    | 'sync'
    | 'refreshRoster'
    | 'reconcile'
    | 'setPolicy'
    | 'resumeColumn'
    | 'setColumnPolicy'
    | 'checkKey',
    Action
  >
>;

export function CourseActions({ course, of }: { course: CountedCourse; of: CourseActionsOf }): VNode {
  const { id, paused, parked } = course;
  const params = { id };
  return (
    <div class="actions">
      {(paused !== null || parked !== null) && (
        <ActionForm
          of={of.resume}
          params={params}
          label="Resume"
          reason="required"
          hint="Ends its pause, the setting aside of the course and of its columns, and the rests of its scores."
        />
      )}
      <ActionForm
        of={of.sync}
        params={params}
        label="Sync now"
        reason="required"
        hint="Sends what is due, and what waits for the night."
      />
      <ActionForm
        of={of.refreshRoster}
        params={params}
        label="Read the roster"
        reason="required"
        hint="Now, even when it is fresh."
      />
      <ActionForm
        of={of.reconcile}
        params={params}
        label="Compare the gradebook"
        reason="required"
        hint="Reads the results, and shows grades that somebody changed in the LMS."
      >
        <label class="choice">
          <input type="checkbox" name="resend" value="yes" /> Send again what is missing, changed or rescaled
        </label>
      </ActionForm>
      <PolicyForm of={of.setPolicy} params={params} label="Whose grade counts" policy={course.gradePolicy} />
      <PauseForm of={of.pause} params={params} label={paused === null ? 'Pause' : 'Pause anew'} />
    </div>
  );
}

/** Each count leads to the scores that it counts. */
export function ScoreCounts({ course: { platformId, contextId, scores } }: { course: CountedCourse }): VNode {
  const counted = SCORE_STATES.map((state) => ({ state, count: scores[state] ?? 0 })).filter(({ count }) => count > 0);
  if (counted.length === 0) return <p class="muted">It has none yet.</p>;
  return (
    <ul class="counts">
      {counted.map(({ state, count }) => (
        <li key={state}>
          <a href={`/console/scores${toQuery({ state, platformId, contextId })}`}>
            <strong>{formatCount(count)}</strong> {STATE_WORDS[state].word}
          </a>
        </li>
      ))}
    </ul>
  );
}

export interface CourseColumnsProps {
  course: CountedCourse;
  columns: readonly LineItem[];
  isAll: boolean;
  of: CourseActionsOf;
}

export function CourseColumns({ course, columns, isAll, of }: CourseColumnsProps): VNode {
  const table: readonly Column<LineItem>[] = [
    {
      head: 'Column',
      cell: ({ label, resourceId, resourceLinkId, id }) => label ?? resourceId ?? resourceLinkId ?? id,
    },
    { head: 'Points', isNumber: true, cell: ({ scoreMaximum }) => scoreMaximum ?? '—' },
    { head: 'State', cell: (column) => <ColumnState column={column} /> },
    {
      head: 'Why',
      cell: ({ parked }) => <span class="sentence">{parked && `${parked.sentence} ${parked.advice}`}</span>,
    },
    { head: 'Since', cell: ({ parked }) => (parked ? <When at={parked.since} /> : '—') },
    {
      head: 'Whose grade',
      cell: ({ gradePolicy }) => (gradePolicy === null ? 'as the course' : POLICY_WORDS[gradePolicy]),
    },
    { head: 'Seen in the LMS', cell: ({ verifiedAt }) => <When at={verifiedAt} or="not yet" /> },
    {
      head: 'Do',
      cell: ({ uuid, parked, gradePolicy }) => {
        const params = { id: course.id, column: uuid };
        return (
          <div class="actions">
            {parked && <ActionForm of={of.resumeColumn} params={params} label="Resume column" reason="required" />}
            <PolicyForm of={of.setColumnPolicy} params={params} label="Whose grade" policy={gradePolicy} mayInherit />
          </div>
        );
      },
    },
  ];
  return (
    <>
      <Table
        caption="Columns"
        columns={table}
        rows={columns}
        keyOf={({ uuid }) => uuid}
        empty="None is known yet: they come with scores, or when the LMS is asked."
      />
      {!isAll && <p class="muted">These are the first {columns.length} columns.</p>}
    </>
  );
}

export function ColumnState({ column: { parked, id, mergedInto } }: { column: LineItem }): VNode {
  if (mergedInto !== null) return <Badge tone="quiet">another name of one</Badge>;
  if (parked) return <Badge tone="bad">set aside</Badge>;
  return id === null ? <Badge tone="calm">looked for</Badge> : <Badge tone="good">known</Badge>;
}

export interface CourseKeysProps {
  course: CountedCourse;
  keys: readonly ServiceKey[];
  of: CourseActionsOf;
}

export function CourseKeys({ course, keys, of }: CourseKeysProps): VNode {
  const table: readonly Column<ServiceKey>[] = [
    { head: 'From the launch', cell: ({ launchedAt }) => <When at={launchedAt} /> },
    {
      head: 'State',
      cell: ({ rejectedAt }) =>
        rejectedAt === null ? <Badge tone="good">good</Badge> : <Badge tone="bad">refused</Badge>,
    },
    { head: 'Grades', cell: ({ assignmentAndGrades }) => (assignmentAndGrades ? 'yes' : 'no') },
    { head: 'Roster', cell: ({ namesAndRoles }) => (namesAndRoles ? 'yes' : 'no') },
    { head: 'Last worked', cell: ({ lastOkAt }) => <When at={lastOkAt} or="not yet" /> },
    { head: 'Refused', cell: ({ rejectedAt }) => <When at={rejectedAt} or="never" /> },
    {
      head: 'Do',
      cell: ({ id }) => <ActionForm of={of.checkKey} params={{ id: course.id, key: id }} label="Test the connection" />,
    },
  ];
  return (
    <Table
      caption="Service keys"
      columns={table}
      rows={keys}
      keyOf={({ id }) => id}
      empty="None: somebody must launch an activity of the course."
    />
  );
}
