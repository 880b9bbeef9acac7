import type { VNode } from 'preact';
import { HealthSchema } from '../../api/schemas/health.js';
import { CountedPlatformSchema, DeploymentSchema, PlatformSchema } from '../../api/schemas/platform.js';
import { at, toQuery } from '../api-client.js';
import { ActionForm } from '../layout/action-form.js';
import { Notice } from '../layout/notice.js';
import { Fact, Facts, formatCount, Region, When } from '../layout/parts.js';
import { hrefOf, reasonIn, type Action, type Page, type Screen } from '../screen.js';
import { DeploymentTable, type DeploymentActionsOf } from './deployment-table.js';
import { PauseForm, toPause } from './pause-form.js';
import { findBacklog, toOldest, type Backlog, type Platform } from './platform-table.js';

const platformPage: Page = {
  path: '/platforms/:id',
  async load({ api, param }) {
    const [platform, { backlog }] = await Promise.all([
      api.get(at`/v1/platforms/${param('id')}`, CountedPlatformSchema),
      api.get('/v1/health/operations', HealthSchema),
    ]);
    return {
      title: platform.platformId,
      section: '/platforms',
      refreshSeconds: 10,
      body: (
        <>
          <h1>{platform.platformId}</h1>
          <Region id="verdict" isLive>
            <Standing platform={platform} />
          </Region>
          <Region id="actions">
            <Actions platform={platform} />
          </Region>
          <Region id="facts">
            <PlatformFacts platform={platform} contexts={platform.contexts} backlog={backlog} />
          </Region>
          <h2>Deployments</h2>
          <Region id="deployments">
            <DeploymentTable platform={platform} backlog={backlog} of={DEPLOYMENT_ACTIONS} />
          </Region>
        </>
      ),
    };
  },
};

const pause: Action = {
  path: '/platforms/:id/pause',
  scope: 'operate',
  page: platformPage,
  async run({ api, param }, fields) {
    const id = param('id');
    await api.send('POST', at`/v1/platforms/${id}/pause`, toPause(fields), PlatformSchema);
    return { to: hrefOf(platformPage, { id }), say: 'It is paused: nothing is sent to it or read from it.' };
  },
};

const resume: Action = {
  path: '/platforms/:id/resume',
  scope: 'operate',
  page: platformPage,
  async run({ api, param }, fields) {
    const id = param('id');
    await api.send('POST', at`/v1/platforms/${id}/resume`, { reason: reasonIn(fields) }, PlatformSchema);
    return { to: hrefOf(platformPage, { id }), say: 'It is resumed: its calls go on.' };
  },
};

const setLimits: Action = {
  path: '/platforms/:id/limits',
  scope: 'operate',
  page: platformPage,
  async run({ api, param }, fields) {
    const id = param('id');
    const rate = fields.get('ratePerSecond') ?? '';
    const limits = {
      inFlightMax: Number(fields.get('inFlightMax')),
      ratePerSecond: rate === '' ? null : Number(rate),
    };
    const body = { limits, deploymentId: fields.get('deployment'), reason: reasonIn(fields) };
    await api.send('PATCH', at`/v1/platforms/${id}`, body, PlatformSchema);
    return { to: hrefOf(platformPage, { id }), say: 'The limits hold from now on.' };
  },
};

const ofDeployment = (verb: 'pause' | 'resume', say: string): Action => ({
  path: `/platforms/:id/deployments/:deployment/${verb}`,
  scope: 'operate',
  page: platformPage,
  async run({ api, param }, fields) {
    const body = verb === 'pause' ? toPause(fields) : { reason: reasonIn(fields) };
    await api.send('POST', at`/v1/deployments/${param('deployment')}/${verb}`, body, DeploymentSchema);
    return { to: hrefOf(platformPage, { id: param('id') }), say };
  },
});

const DEPLOYMENT_ACTIONS = {
  setLimits,
  pause: ofDeployment('pause', 'The deployment is paused: nothing is sent to it or read from it.'),
  resume: ofDeployment('resume', 'The pause of the deployment is over.'),
} satisfies DeploymentActionsOf;

export const platformScreen: Screen = {
  pages: [platformPage],
  actions: [pause, resume, ...Object.values(DEPLOYMENT_ACTIONS)],
};

/** In one sentence, and who paused it. */
function Standing({ platform: { paused, deployments } }: { platform: Platform }): VNode {
  const isOpen = deployments.some(({ breaker }) => breaker.state !== 'closed');
  const isSlowed = deployments.some(
    ({ blockedUntil, limits }) => blockedUntil !== null || limits.inFlightNow < limits.inFlightMax,
  );
  const [tone, sentence] = paused
    ? ['warn', 'Paused by hand: nothing is sent to it or read from it.']
    : isOpen
      ? ['bad', 'Its calls are held back, and one is tried from time to time.']
      : isSlowed
        ? ['warn', 'It asked for fewer calls, and gets fewer for a while.']
        : ['good', 'Its calls go out.'];
  return (
    <>
      <p class={`verdict told ${tone}`}>{sentence}</p>
      {paused && (
        <Notice kind="info">
          Somebody paused it: “{paused.reason}”. <When at={paused.until} or="It ends when somebody resumes it." />
        </Notice>
      )}
    </>
  );
}

function Actions({ platform: { id, paused, deployments } }: { platform: Platform }): VNode {
  const isHeldBack = deployments.some(
    ({ breaker, blockedUntil }) => breaker.state !== 'closed' || blockedUntil !== null,
  );
  return (
    <div class="actions">
      {(paused !== null || isHeldBack) && (
        <ActionForm
          of={resume}
          params={{ id }}
          label="Resume"
          reason="required"
          hint="Ends its pause and closes its breakers: calls go on at once, and show whether it works."
        />
      )}
      <PauseForm of={pause} params={{ id }} label={paused === null ? 'Pause' : 'Pause anew'} />
    </div>
  );
}

interface PlatformFactsProps {
  platform: Platform;
  contexts: number;
  backlog: readonly Backlog[];
}

function PlatformFacts({ platform, contexts, backlog }: PlatformFactsProps): VNode {
  const { platformId, url, family, familySetBy, limitBy, createdAt, deployments } = platform;
  const rows = deployments.flatMap((deployment) => findBacklog(backlog, platform, deployment) ?? []);
  const oldest = rows.toSorted((one, other) => (other.oldestReadySeconds ?? 0) - (one.oldestReadySeconds ?? 0))[0];
  return (
    <Facts>
      <Fact name="LMS">
        {family} <span class="muted">{familySetBy === 'guess' ? '(guessed)' : '(set by hand)'}</span>
      </Fact>
      {url !== null && <Fact name="Address">{url}</Fact>}
      <Fact name="Courses">
        <a href={`/console/courses${toQuery({ platformId })}`}>{formatCount(contexts)}</a>
      </Fact>
      <Fact name="Due">
        <a href={`/console/scores${toQuery({ platformId, state: 'due' })}`}>
          {formatCount(rows.reduce((sum, { due }) => sum + due, 0))}
        </a>
      </Fact>
      <Fact name="Oldest due">{toOldest(oldest)}</Fact>
      <Fact name="Limits are shared">{limitBy === null ? 'as the LMS has it' : `by ${limitBy}`}</Fact>
      <Fact name="First launch">
        <When at={createdAt} />
      </Fact>
    </Facts>
  );
}
