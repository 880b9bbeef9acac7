import Type, { type Static, type TSchema } from 'typebox';
import type { VNode } from 'preact';
import { pageSchema, UuidSchema } from '../../api/schemas/building-blocks.js';
import { ContextSchema, CountedContextSchema, LineItemSchema } from '../../api/schemas/context.js';
import { CheckSchema, ServiceKeySchema } from '../../api/schemas/service-key.js';
import { at } from '../api-client.js';
import { Notice } from '../layout/notice.js';
import { Fact, Facts, Region, When } from '../layout/parts.js';
import { hrefOf, reasonIn, type Action, type Page, type Screen } from '../screen.js';
import { CourseActions, CourseColumns, CourseKeys, ScoreCounts, type CourseActionsOf } from './course-parts.js';
import { CourseState } from './courses.js';

const LineItemsSchema = pageSchema({ lineItems: Type.Array(LineItemSchema) });
const ServiceKeysSchema = pageSchema({ serviceKeys: Type.Array(ServiceKeySchema) });
const ResumedSchema = Type.Object({ resumed: Type.Integer() });
const StartedSchema = Type.Object({ workflows: Type.Array(Type.Unknown()) });

type CountedCourse = Static<typeof CountedContextSchema>;

/** Columns and keys of a course that are shown; there are few in most. */
const MOST_SHOWN = '100';

const coursePage: Page = {
  path: '/courses/:id',
  async load({ api, param }) {
    const course = await api.get(at`/v1/contexts/${param('id')}`, CountedContextSchema);
    const { id, platformId, contextId, title } = course;
    const limit = MOST_SHOWN;
    const [columns, keys] = await Promise.all([
      api.get(at`/v1/contexts/${id}/line-items`, LineItemsSchema, { limit }),
      api.get('/v1/service-keys', ServiceKeysSchema, { platformId, contextId, limit }),
    ]);
    return {
      title: title ?? contextId,
      section: '/courses',
      refreshSeconds: 10,
      body: (
        <>
          <h1>{title ?? contextId}</h1>
          <Region id="verdict" isLive>
            <Standing course={course} />
          </Region>
          <Region id="actions">
            <CourseActions course={course} of={ACTIONS} />
          </Region>
          <Region id="facts">
            <CourseFacts course={course} />
          </Region>
          <h2>Scores</h2>
          <Region id="counts">
            <ScoreCounts course={course} />
          </Region>
          <h2>Columns</h2>
          <Region id="columns">
            <CourseColumns
              course={course}
              columns={columns.lineItems}
              isAll={columns.nextCursor === null}
              of={ACTIONS}
            />
          </Region>
          <h2>Service keys</h2>
          <Region id="keys">
            <CourseKeys course={course} keys={keys.serviceKeys.filter((key) => key.context === id)} of={ACTIONS} />
          </Region>
        </>
      ),
    };
  },
};

const resume: Action = {
  path: '/courses/:id/resume',
  scope: 'operate',
  page: coursePage,
  async run({ api, param }, fields) {
    const id = param('id');
    const body = { reason: reasonIn(fields) };
    const { resumed } = await api.send('POST', at`/v1/contexts/${id}/resume`, body, ResumedSchema);
    return { to: hrefOf(coursePage, { id }), say: `The course is resumed; ${resumed} scores wait there.` };
  },
};

/** What is asked of a course with a reason, and has nothing to tell but that it was. */
const askOfCourse = (name: string, verb: string, answer: TSchema, say: string): Action => ({
  path: `/courses/:id/${name}`,
  scope: 'operate',
  page: coursePage,
  async run({ api, param }, fields) {
    const id = param('id');
    await api.send('POST', at`/v1/contexts/${id}/${verb}`, { reason: reasonIn(fields) }, answer);
    return { to: hrefOf(coursePage, { id }), say };
  },
});

const pause = askOfCourse(
  'pause',
  'pause',
  ContextSchema,
  'The course is paused: nothing is sent to it or read from it.',
);

const sync: Action = {
  path: '/courses/:id/sync',
  scope: 'operate',
  page: coursePage,
  async run({ api, param }, fields) {
    const context = param('id');
    const body = { context, reason: reasonIn(fields) };
    const { runId } = await api.send('POST', '/v1/syncs', body, Type.Object({ runId: UuidSchema }));
    return { to: hrefOf({ path: '/runs/:id' }, { id: runId }), say: 'What is due in the course goes out now.' };
  },
};

const refreshRoster = askOfCourse('refresh-roster', 'roster-refresh', StartedSchema, 'The roster is read again.');

const reconcile = askOfCourse('reconcile', 'reconcile', StartedSchema, 'The gradebook is compared with what was sent.');

const resumeColumn: Action = {
  path: '/courses/:id/columns/:column/resume',
  scope: 'operate',
  page: coursePage,
  async run({ api, param }, fields) {
    const body = { reason: reasonIn(fields) };
    const { resumed } = await api.send('POST', at`/v1/line-items/${param('column')}/resume`, body, ResumedSchema);
    const to = hrefOf(coursePage, { id: param('id') });
    return { to, say: `The column is resumed; ${resumed} scores wait in it.` };
  },
};

const checkKey: Action = {
  path: '/courses/:id/keys/:key/check',
  scope: 'operate',
  page: coursePage,
  async run({ api, param }) {
    const { ok, steps } = await api.send('POST', at`/v1/service-keys/${param('key')}/check`, null, CheckSchema);
    const to = hrefOf(coursePage, { id: param('id') });
    if (ok) return { to, say: 'The key works: columns and roster can be read with it.' };
    const wrong = steps.filter((step) => !step.ok).map(({ sentence, advice }) => `${sentence} ${advice ?? ''}`.trim());
    // Both steps often fail for one reason.
    return { to, say: [...new Set(wrong)].join(' '), isBad: true };
  },
};

const ACTIONS = { resume, pause, sync, refreshRoster, reconcile, resumeColumn, checkKey } satisfies CourseActionsOf;

export const courseScreen: Screen = { pages: [coursePage], actions: Object.values(ACTIONS) };

function Standing({ course }: { course: CountedCourse }): VNode {
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

const POLICY_WORDS: Readonly<Record<CountedCourse['gradePolicy'], string>> = {
  toolWins: 'the tool’s',
  humanWins: 'a person’s',
  ask: 'somebody decides',
};

function CourseFacts({ course }: { course: CountedCourse }): VNode {
  const { platformId, contextId, gradePolicy, lineItemsReadAt, rosterReadAt, resultsReadAt, workflow } = course;
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
