import Type, { type Static } from 'typebox';
import { pageSchema } from '../../api/schemas/building-blocks.js';
import { RunContextSchema, RunSchema } from '../../api/schemas/run.js';
import { ScheduleSchema } from '../../api/schemas/schedule.js';
import { at, ApiProblem, type ApiClient } from '../api-client.js';
import { ProblemNotice } from '../layout/notice.js';
import {
  Badge,
  Fact,
  Facts,
  formatCount,
  Instant,
  Pager,
  Region,
  Table,
  toDuration,
  When,
  type Column,
} from '../layout/parts.js';
import { hrefOf, reasonIn, type Action, type Page, type Screen } from '../screen.js';
import { kindOf, RunState, RunTable } from './run-table.js';
import { ScheduleTable } from './schedule-table.js';

const RunsSchema = pageSchema({ runs: Type.Array(RunSchema) });
const RunContextsSchema = pageSchema({ contexts: Type.Array(RunContextSchema) });
const SchedulesSchema = Type.Object({ schedules: Type.Array(ScheduleSchema) });
type RunContext = Static<typeof RunContextSchema>;

const runList: Page = {
  path: '/runs',
  async load({ api, query }) {
    const cursor = query.get('cursor') ?? '';
    const [{ runs, nextCursor }, schedules] = await Promise.all([
      api.get('/v1/runs', RunsSchema, { cursor, limit: '20' }),
      listSchedules(api),
    ]);
    return {
      title: 'Runs and schedules',
      section: '/runs',
      refreshSeconds: 10,
      body: (
        <>
          <h1>Runs and schedules</h1>
          <h2>Schedules</h2>
          <Region id="schedules">
            {schedules instanceof ApiProblem ? (
              <ProblemNotice problem={schedules.problem} />
            ) : (
              <ScheduleTable schedules={schedules} of={SCHEDULE_ACTIONS} />
            )}
          </Region>
          <h2>Runs</h2>
          <Region id="runs">
            <RunTable runs={runs} caption="Runs, newest first" />
          </Region>
          <Pager path="/console/runs" query={query} nextCursor={nextCursor} />
        </>
      ),
    };
  },
};

/** Temporal has them: without it the runs are shown all the same. */
async function listSchedules(api: ApiClient): Promise<Static<typeof SchedulesSchema>['schedules'] | ApiProblem> {
  try {
    return (await api.get('/v1/schedules', SchedulesSchema)).schedules;
  } catch (error) {
    if (error instanceof ApiProblem && error.problem.status === 503) return error;
    throw error;
  }
}

const scheduleAction = (verb: 'trigger' | 'pause' | 'unpause', say: (name: string) => string): Action => ({
  path: `/schedules/:name/${verb}`,
  scope: 'operate',
  page: runList,
  async run({ api, param }, fields) {
    const name = param('name');
    await api.send('POST', at`/v1/schedules/${name}/${verb}`, { reason: reasonIn(fields) }, ScheduleSchema);
    return { to: hrefOf(runList), say: say(name) };
  },
});

const SCHEDULE_ACTIONS = {
  trigger: scheduleAction('trigger', (name) => `${name} begins now.`),
  pause: scheduleAction('pause', (name) => `${name} is paused: it does not begin by the clock.`),
  unpause: scheduleAction('unpause', (name) => `${name} begins by the clock again.`),
};

const runPage: Page = {
  path: '/runs/:id',
  async load({ api, param, query }) {
    const id = param('id');
    const cursor = query.get('cursor') ?? '';
    const [run, { contexts, nextCursor }] = await Promise.all([
      api.get(at`/v1/runs/${id}`, RunSchema),
      api.get(at`/v1/runs/${id}/contexts`, RunContextsSchema, { cursor }),
    ]);
    const { trigger, reason, trouble, startedAt, endedAt, durationSeconds, url, workflowsUrl } = run;
    return {
      title: `${kindOf(run)} of ${new Date(startedAt).toISOString().slice(0, 16).replace('T', ' ')}`,
      section: '/runs',
      ...(endedAt === null && { refreshSeconds: 5 }),
      body: (
        <>
          <h1>{kindOf(run)}</h1>
          <Region id="verdict" isLive>
            <p class="lead">
              <RunState state={run.state} /> {formatCount(run.submitted)} sent, {formatCount(run.rejected)} rejected,{' '}
              {formatCount(run.waiting)} waiting
            </p>
          </Region>
          <Region id="facts">
            <Facts>
              <Fact name="Began">
                <Instant at={startedAt} />
              </Fact>
              <Fact name={endedAt === null ? 'Runs since' : 'Took'}>{toDuration(durationSeconds)}</Fact>
              <Fact name="Begun by">{reason === null ? trigger : `${trigger}: ${reason}`}</Fact>
              <Fact name="Courses">
                {formatCount(run.settled)} settled of {formatCount(run.contexts)}
              </Fact>
              {trouble.length > 0 && <Fact name="Trouble">{trouble.join(', ')}</Fact>}
              {url !== null && (
                <Fact name="Workflows">
                  <a href={url}>its own</a>
                  {workflowsUrl !== null && (
                    <>
                      {', '}
                      <a href={workflowsUrl}>all</a>
                    </>
                  )}
                </Fact>
              )}
            </Facts>
          </Region>
          <h2>Courses</h2>
          <Region id="courses">
            <Table
              caption="Courses of the run"
              columns={COURSES}
              rows={contexts}
              keyOf={({ context }) => context}
              empty="It had no course to look at."
            />
          </Region>
          <Pager path={hrefOf({ path: '/runs/:id' }, { id })} query={query} nextCursor={nextCursor} />
        </>
      ),
    };
  },
};

export const runScreen: Screen = { pages: [runList, runPage], actions: Object.values(SCHEDULE_ACTIONS) };

const COURSES: readonly Column<RunContext>[] = [
  {
    head: 'Course',
    cell: ({ context, title, contextId }) => (
      <a href={hrefOf({ path: '/courses/:id' }, { id: context })}>{title ?? contextId}</a>
    ),
  },
  { head: 'Platform', cell: ({ platformId }) => platformId },
  {
    head: 'State',
    cell: ({ state, failure }) => <Badge tone={failure === null ? 'calm' : 'bad'}>{failure ?? state}</Badge>,
  },
  { head: 'Sent', isNumber: true, cell: ({ submitted }) => formatCount(submitted) },
  { head: 'Rejected', isNumber: true, cell: ({ rejected }) => formatCount(rejected) },
  { head: 'Waiting', isNumber: true, cell: ({ waiting }) => formatCount(waiting) },
  { head: 'Settled', cell: ({ settledAt }) => <When at={settledAt} or="not yet" /> },
];
