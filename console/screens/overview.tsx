import type { Static } from 'typebox';
import Type from 'typebox';
import type { VNode } from 'preact';
import { pageSchema } from '../../api/schemas/building-blocks.js';
import { HealthSchema, type BacklogSchema, type FindingSchema } from '../../api/schemas/health.js';
import { PlatformSchema } from '../../api/schemas/platform.js';
import { RunSchema } from '../../api/schemas/run.js';
import { at } from '../api-client.js';
import { ActionForm } from '../layout/action-form.js';
import { Badge, formatCount, Region, Table, toDuration, When, type Column, type Tone } from '../layout/parts.js';
import { hrefOf, reasonIn, type Action, type Page, type Screen } from '../screen.js';
import { HelpLink } from './finding-help.js';
import { RunTable } from './run-table.js';

const PlatformsSchema = pageSchema({ platforms: Type.Array(PlatformSchema) });
const RunsSchema = pageSchema({ runs: Type.Array(RunSchema) });
type Platform = Static<typeof PlatformSchema>;
type Deployment = Platform['deployments'][number];
type Backlog = Static<typeof BacklogSchema>;
type Finding = Static<typeof FindingSchema>;

/** So many have a line of their own here. */
const MOST_PLATFORMS = '100';

const overview: Page = {
  path: '/',
  async load({ api }) {
    const [health, { platforms, nextCursor }, { runs }] = await Promise.all([
      api.get('/v1/health/operations', HealthSchema),
      api.get('/v1/platforms', PlatformsSchema, { limit: MOST_PLATFORMS }),
      api.get('/v1/runs', RunsSchema, { limit: '5' }),
    ]);
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
            <Findings findings={health.findings} platforms={platforms} />
          </Region>
          <h2>Platforms</h2>
          <Region id="platforms">
            <PlatformTable platforms={platforms} backlog={health.backlog} />
            {nextCursor !== null && <p class="muted">These are the first {MOST_PLATFORMS} platforms.</p>}
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

const resumePlatform: Action = {
  path: '/platforms/:id/resume',
  scope: 'operate',
  page: overview,
  async run({ api, param }, fields) {
    const reason = reasonIn(fields);
    const { platformId } = await api.send('POST', at`/v1/platforms/${param('id')}/resume`, { reason }, PlatformSchema);
    return { to: hrefOf(overview), say: `${platformId} is resumed: its calls go on.` };
  },
};

export const overviewScreen: Screen = { pages: [overview], actions: [resumePlatform] };

function Verdict({ sentence, ok, findings }: Static<typeof HealthSchema>): VNode {
  const isCritical = findings.some(({ severity }) => severity === 'critical');
  const tone = isCritical ? 'bad' : ok ? 'good' : 'warn';
  return <p class={`verdict ${tone}`}>{sentence}</p>;
}

const TONES: Readonly<Record<Finding['severity'], Tone>> = { critical: 'bad', warning: 'warn', info: 'quiet' };

function Findings({ findings, platforms }: { findings: readonly Finding[]; platforms: readonly Platform[] }): VNode {
  return (
    <ul class="findings">
      {findings.map((finding) => {
        const { type, severity, subject, sentence, advice, since } = finding;
        const stopped = STOPPED.includes(type) ? platforms.find(({ platformId }) => platformId === subject) : undefined;
        return (
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
              <HelpLink finding={finding} />
              {stopped && (
                <ActionForm
                  of={resumePlatform}
                  params={{ id: stopped.id }}
                  label="Resume"
                  reason="required"
                  hint={HINT}
                />
              )}
            </div>
          </li>
        );
      })}
    </ul>
  );
}

/** Findings that a resume of the platform ends. */
const STOPPED = ['breakerOpen', 'platformPaused'];
const HINT = 'Ends a pause of the platform and closes its breakers: calls go on at once.';

interface Line {
  platform: Platform;
  deployment: Deployment;
  backlog: Backlog | undefined;
}

const COLUMNS: readonly Column<Line>[] = [
  { head: 'Platform', cell: ({ platform, deployment }) => <Name platform={platform} deployment={deployment} /> },
  { head: 'LMS', cell: ({ platform }) => platform.family },
  { head: 'Calls', cell: ({ platform, deployment }) => <Calls platform={platform} deployment={deployment} /> },
  {
    head: 'At once',
    isNumber: true,
    cell: ({ deployment: { limits } }) =>
      limits.inFlightNow < limits.inFlightMax ? `${limits.inFlightNow} of ${limits.inFlightMax}` : limits.inFlightMax,
  },
  { head: 'Due', isNumber: true, cell: ({ backlog }) => formatCount(backlog?.due ?? 0) },
  { head: 'For the night', isNumber: true, cell: ({ backlog }) => formatCount(backlog?.awaitsNightly ?? 0) },
  {
    head: 'Under way',
    isNumber: true,
    cell: ({ backlog }) => formatCount((backlog?.sending ?? 0) + (backlog?.unknown ?? 0)),
  },
  {
    head: 'Oldest due',
    isNumber: true,
    cell: ({ backlog }) => (backlog?.oldestReadySeconds == null ? '—' : toDuration(backlog.oldestReadySeconds)),
  },
];

function PlatformTable({ platforms, backlog }: { platforms: readonly Platform[]; backlog: readonly Backlog[] }): VNode {
  const lines = platforms.flatMap((platform) =>
    platform.deployments.map((deployment): Line => {
      const { platformId } = platform;
      const isOfIt = (one: Backlog) => one.platformId === platformId && one.deploymentId === deployment.deploymentId;
      return { platform, deployment, backlog: backlog.find(isOfIt) };
    }),
  );
  return (
    <Table
      caption="Platforms"
      columns={COLUMNS}
      rows={lines}
      keyOf={({ deployment }) => deployment.id}
      empty="No launch was recorded yet: platforms come with their first launch."
    />
  );
}

function Name({ platform, deployment }: Omit<Line, 'backlog'>): VNode {
  const href = `/console/scores?${new URLSearchParams({ platformId: platform.platformId }).toString()}`;
  return (
    <>
      <a href={href}>{platform.platformId}</a>
      {platform.deployments.length > 1 && <span class="muted"> {deployment.deploymentId}</span>}
    </>
  );
}

function Calls({ platform, deployment }: Omit<Line, 'backlog'>): VNode {
  const { breaker, blockedUntil } = deployment;
  const paused = platform.paused ?? deployment.paused;
  if (paused) return <Badge tone="warn">paused</Badge>;
  if (breaker.state === 'open') return <Badge tone="bad">held back</Badge>;
  if (breaker.state === 'halfOpen') return <Badge tone="warn">one is tried</Badge>;
  if (blockedUntil !== null) {
    return (
      <Badge tone="warn">
        again <When at={blockedUntil} />
      </Badge>
    );
  }
  return <Badge tone="good">go out</Badge>;
}
