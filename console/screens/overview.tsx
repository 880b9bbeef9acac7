import type { Static } from 'typebox';
import Type from 'typebox';
import type { VNode } from 'preact';
import { pageSchema } from '../../api/schemas/building-blocks.js';
import { ContextSchema } from '../../api/schemas/context.js';
import { HealthSchema, HourlyCallsSchema, type FindingSchema } from '../../api/schemas/health.js';
import { PlatformSchema } from '../../api/schemas/platform.js';
import { RunSchema } from '../../api/schemas/run.js';
import type { ApiClient } from '../api-client.js';
import { Badge, formatCount, Region, toDuration, When, type Tone } from '../layout/parts.js';
import { hrefOf, type Page, type Screen } from '../screen.js';
import { CourseTable, type Course } from './courses.js';
import { PlatformTable } from './platform-table.js';
import { RunState, RunTable } from './run-table.js';
import { Traffic } from './traffic.js';
import { HelpButton, helpOn, SeeLink } from './what-helps.js';

const PlatformsSchema = pageSchema({ platforms: Type.Array(PlatformSchema) });
const RunsSchema = pageSchema({ runs: Type.Array(RunSchema) });
const ContextsSchema = pageSchema({ contexts: Type.Array(ContextSchema) });
type Health = Static<typeof HealthSchema>;
type Finding = Static<typeof FindingSchema>;
type Run = Static<typeof RunSchema>;

/** So many have a line of their own here. */
const MOST_PLATFORMS = '100';
const MOST_COURSES = '5';

const overview: Page = {
  path: '/',
  async load({ api }) {
    const [health, { platforms, nextCursor }, { runs }, [night], { hours }] = await Promise.all([
      readHealth(api),
      api.get('/v1/platforms', PlatformsSchema, { limit: MOST_PLATFORMS }),
      api.get('/v1/runs', RunsSchema, { limit: '5' }),
      listNights(api),
      api.get('/v1/health/calls', HourlyCallsSchema),
    ]);
    const courses = await listUnlaunched(api, health);
    return {
      title: 'Overview',
      section: '/',
      refreshSeconds: 10,
      body: (
        <>
          <h1 class="unseen">Overview</h1>
          <Region id="verdict" isLive>
            <Verdict {...health} />
          </Region>
          <Region id="findings">
            <Findings findings={health.findings} />
          </Region>
          <h2>Last night</h2>
          <Region id="night">
            <Night night={night} />
          </Region>
          <h2>The last 24 hours</h2>
          <Region id="traffic">
            <Traffic hours={hours} />
          </Region>
          <h2>Platforms</h2>
          <Region id="platforms">
            <PlatformTable platforms={platforms} backlog={health.backlog} />
            {nextCursor !== null && (
              <p>
                These are the first {MOST_PLATFORMS}. <a href="/console/platforms">All platforms</a>
              </p>
            )}
          </Region>
          <Region id="launches">
            <Unlaunched courses={courses} />
          </Region>
          <h2>Last runs</h2>
          <Region id="runs">
            <RunTable runs={runs} caption="Last runs" />
            <p>
              <a href="/console/runs">All runs and schedules</a>
            </p>
          </Region>
        </>
      ),
    };
  },
};

const readHealth = async (api: ApiClient): Promise<Health> => api.get('/v1/health/operations', HealthSchema);

const listNights = async (api: ApiClient): Promise<readonly Run[]> =>
  (await api.get('/v1/runs', RunsSchema, { kind: 'nightly', limit: '1' })).runs;

/** Looked for only where health, which is told from memory, says that there are any. */
async function listUnlaunched(api: ApiClient, { findings }: Health): Promise<readonly Course[]> {
  if (!findings.some(({ type }) => type === 'launchNeeded')) return [];
  return (await api.get('/v1/contexts', ContextsSchema, { launchNeeded: 'true', limit: MOST_COURSES })).contexts;
}

const help = helpOn(overview, {
  path: '/help',
  listHelp: async ({ api }) => (await readHealth(api)).findings.map(({ call }) => call),
  toBack: () => hrefOf(overview),
});

export const overviewScreen: Screen = { pages: [overview], actions: [help] };

function Verdict({ sentence, ok, findings }: Health): VNode {
  const isCritical = findings.some(({ severity }) => severity === 'critical');
  const tone = isCritical ? 'bad' : ok ? 'good' : 'warn';
  return <p class={`verdict ${tone}`}>{sentence}</p>;
}

const TONES: Readonly<Record<Finding['severity'], Tone>> = { critical: 'bad', warning: 'warn', info: 'quiet' };

function Findings({ findings }: { findings: readonly Finding[] }): VNode {
  return (
    <ul class="findings">
      {findings.map(({ type, severity, subject, sentence, advice, since, see, call, count }) => (
        <li key={`${type} ${subject ?? ''}`} class={`card finding ${TONES[severity]}`}>
          <div>
            <p>
              <Badge tone={TONES[severity]}>{severity}</Badge> {sentence}
            </p>
            {advice !== 'Nothing.' && <p class="hint">{advice}</p>}
            {since !== null && (
              <p class="hint">
                Since <When at={since} />
              </p>
            )}
          </div>
          <div class="help">
            <SeeLink see={see} />
            {call && <HelpButton of={help} call={call} label={labelOf(call)} {...hintOf(count)} />}
          </div>
        </li>
      ))}
    </ul>
  );
}

/** What a call does is the end of its path: `retry`, `resume`, `trigger`. */
function labelOf({ path }: { path: string }): string {
  const verb = path.slice(path.lastIndexOf('/') + 1);
  return `${verb.slice(0, 1).toUpperCase()}${verb.slice(1)}`;
}

const hintOf = (count: number) =>
  count > 1 ? { hint: `For all ${formatCount(count)}, and those that came since.` } : {};

function Night({ night }: { night: Run | undefined }): VNode {
  if (!night) return <p class="muted">There was none yet.</p>;
  const { id, state, startedAt, endedAt, durationSeconds, contexts, settled, submitted, rejected, waiting } = night;
  return (
    <p>
      <RunState state={state} /> <a href={hrefOf({ path: '/runs/:id' }, { id })}>It began</a> <When at={startedAt} />{' '}
      and {endedAt === null ? 'has run for' : 'took'} {toDuration(durationSeconds)}: {formatCount(settled)} of{' '}
      {formatCount(contexts)} courses settled, {formatCount(submitted)} scores sent, {formatCount(rejected)} rejected,{' '}
      {formatCount(waiting)} waiting.
    </p>
  );
}

function Unlaunched({ courses }: { courses: readonly Course[] }): VNode | null {
  if (courses.length === 0) return null;
  return (
    <>
      <h2>Courses that need a launch</h2>
      <CourseTable courses={courses} caption="Courses that need a launch" />
      <p>
        <a href="/console/courses?launchNeeded=true">All that need a launch</a>
      </p>
    </>
  );
}
