import Type from 'typebox';
import { pageSchema, UuidSchema } from '../../api/schemas/building-blocks.js';
import { ContextSchema, CountedContextSchema, LineItemSchema } from '../../api/schemas/context.js';
import { CheckSchema, ServiceKeySchema } from '../../api/schemas/service-key.js';
import { at, toQuery } from '../api-client.js';
import { Region } from '../layout/parts.js';
import { hrefOf, reasonIn, type Action, type Page, type Screen, type Visit } from '../screen.js';
import { CourseActions, CourseColumns, CourseKeys, ScoreCounts, type CourseActionsOf } from './course-parts.js';
import { CourseFacts, Standing } from './course-facts.js';
import { DifferenceTable } from './difference-table.js';
import { DifferencesSchema } from './differences.js';
import { policyIn } from './grade-policy.js';
import { toPause } from './pause-form.js';

const LineItemsSchema = pageSchema({ lineItems: Type.Array(LineItemSchema) });
const ServiceKeysSchema = pageSchema({ serviceKeys: Type.Array(ServiceKeySchema) });
const ResumedSchema = Type.Object({ resumed: Type.Integer() });
const StartedSchema = Type.Object({ workflows: Type.Array(Type.Unknown()) });

/** Columns and keys of a course that are shown; there are few in most. */
const MOST_SHOWN = '100';
const MOST_DIFFERENCES = '20';

const coursePage: Page = {
  path: '/courses/:id',
  async load({ api, param }) {
    const course = await api.get(at`/v1/contexts/${param('id')}`, CountedContextSchema);
    const { id, platformId, contextId, title } = course;
    const limit = MOST_SHOWN;
    const [columns, keys, differences] = await Promise.all([
      api.get(at`/v1/contexts/${id}/line-items`, LineItemsSchema, { limit }),
      api.get('/v1/service-keys', ServiceKeysSchema, { platformId, contextId, limit }),
      api.get(at`/v1/contexts/${id}/results`, DifferencesSchema, { limit: MOST_DIFFERENCES }),
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
          <h2>What its gradebook shows otherwise</h2>
          <Region id="differences">
            <DifferenceTable
              differences={differences.results}
              empty={course.resultsReadAt === null ? 'It was never compared.' : 'Nothing: it shows what it took.'}
            />
            {differences.nextCursor !== null && (
              <p>
                <a href={`/console/differences${toQuery({ context: id })}`}>All differences</a>
              </p>
            )}
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

const pause: Action = {
  path: '/courses/:id/pause',
  scope: 'operate',
  page: coursePage,
  async run({ api, param }, fields) {
    const id = param('id');
    await api.send('POST', at`/v1/contexts/${id}/pause`, toPause(fields), ContextSchema);
    return { to: hrefOf(coursePage, { id }), say: 'The course is paused: nothing is sent to it or read from it.' };
  },
};

/** Of the course, or of one column in it. */
const policyAction = (name: string, toPath: (visit: Visit) => string): Action => ({
  path: `/courses/:id${name}/grade-policy`,
  scope: 'operate',
  page: coursePage,
  async run(visit, fields) {
    const body = { gradePolicy: policyIn(fields), reason: reasonIn(fields) };
    await visit.api.send('PUT', toPath(visit), body, Type.Object({ id: UuidSchema }));
    return { to: hrefOf(coursePage, { id: visit.param('id') }), say: 'From now on that grade counts.' };
  },
});

const setPolicy = policyAction('', ({ param }) => at`/v1/contexts/${param('id')}/grade-policy`);

const setColumnPolicy = policyAction(
  '/columns/:column',
  ({ param }) => at`/v1/line-items/${param('column')}/grade-policy`,
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

const refreshRoster: Action = {
  path: '/courses/:id/refresh-roster',
  scope: 'operate',
  page: coursePage,
  async run({ api, param }, fields) {
    const id = param('id');
    await api.send('POST', at`/v1/contexts/${id}/roster-refresh`, { reason: reasonIn(fields) }, StartedSchema);
    return { to: hrefOf(coursePage, { id }), say: 'The roster is read again.' };
  },
};

const reconcile: Action = {
  path: '/courses/:id/reconcile',
  scope: 'operate',
  page: coursePage,
  async run({ api, param }, fields) {
    const id = param('id');
    const body = { resend: fields.has('resend'), reason: reasonIn(fields) };
    await api.send('POST', at`/v1/contexts/${id}/reconcile`, body, StartedSchema);
    return { to: hrefOf(coursePage, { id }), say: 'The gradebook is compared with what was sent.' };
  },
};

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

const ACTIONS = {
  ...{ resume, pause, sync, refreshRoster, reconcile, setPolicy, resumeColumn, setColumnPolicy, checkKey },
} satisfies CourseActionsOf;

export const courseScreen: Screen = { pages: [coursePage], actions: Object.values(ACTIONS) };
