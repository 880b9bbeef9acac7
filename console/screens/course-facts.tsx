/** How a course stands. */
import type { Static } from 'typebox';
import type { VNode } from 'preact';
import type { CountedContextSchema } from '../../api/schemas/context.js';
import { Notice } from '../layout/notice.js';
import { Fact, Facts, formatCount, When } from '../layout/parts.js';
import { hrefOf } from '../screen.js';
import { CourseState } from './courses.js';
import { POLICY_WORDS } from './grade-policy.js';

type CountedCourse = Static<typeof CountedContextSchema>;

export function Standing({ course }: { course: CountedCourse }): VNode {
  const { parked, paused } = course;
  return (
    <>
      <p class="lead">
        <CourseState course={course} /> {course.waiting} scores wait.
      </p>
      {paused && (
        <Notice kind="info">
          Somebody paused it: “{paused.reason}”.
          {paused.until !== null && (
            <>
              {' '}
              It ends <When at={paused.until} />.
            </>
          )}
        </Notice>
      )}
      {parked && (
        <Notice kind="info">
          {parked.sentence} {parked.advice}
        </Notice>
      )}
    </>
  );
}

function toWholeness({ active, gone, missed, unlisted }: NonNullable<CountedCourse['roster']>): string {
  const parts = [
    `${formatCount(active)} active`,
    ...(gone > 0 ? [`${formatCount(gone)} gone`] : []),
    ...(missed > 0 ? [`${formatCount(missed)} missed by the last reading`] : []),
    unlisted > 0 ? `${formatCount(unlisted)} with scores are not in it` : 'all who have scores are in it',
  ];
  return `${parts.join(', ')}.`;
}

export function CourseFacts({ course }: { course: CountedCourse }): VNode {
  const { platformId, contextId, gradePolicy, lineItemsReadAt, rosterReadAt, roster, resultsReadAt, workflow } = course;
  return (
    <Facts>
      <Fact name="Platform">{platformId}</Fact>
      <Fact name="Id in the LMS">{contextId}</Fact>
      <Fact name="Whose grade counts">{POLICY_WORDS[gradePolicy]}</Fact>
      <Fact name="Columns read">
        <When at={lineItemsReadAt} or="never" />
      </Fact>
      <Fact name="Roster read">
        <When at={rosterReadAt} or="never" />{' '}
        <a href={hrefOf({ path: '/courses/:id/roster' }, { id: course.id })}>show it</a>
        {roster && <p class="hint">{toWholeness(roster)}</p>}
      </Fact>
      <Fact name="Gradebook compared">
        <When at={resultsReadAt} or="never" />
      </Fact>
      <Fact name="Its sender">
        {workflow.url === null ? workflow.workflowId : <a href={workflow.url}>in Temporal</a>}
      </Fact>
    </Facts>
  );
}
