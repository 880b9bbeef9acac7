/** Platforms with what their calls do now; a line for each deployment. */
import type { Static } from 'typebox';
import type { VNode } from 'preact';
import type { BacklogSchema } from '../../api/schemas/health.js';
import type { PlatformSchema } from '../../api/schemas/platform.js';
import { Badge, formatCount, Table, toDuration, When, type Column } from '../layout/parts.js';
import { hrefOf } from '../screen.js';

export type Platform = Static<typeof PlatformSchema>;
export type Deployment = Platform['deployments'][number];
export type Backlog = Static<typeof BacklogSchema>;

interface Line {
  platform: Platform;
  deployment: Deployment;
  backlog: Backlog | undefined;
}

const COLUMNS: readonly Column<Line>[] = [
  { head: 'Platform', cell: ({ platform, deployment }) => <Name platform={platform} deployment={deployment} /> },
  { head: 'LMS', cell: ({ platform }) => platform.family },
  { head: 'Calls', cell: ({ platform, deployment }) => <Calls platform={platform} deployment={deployment} /> },
  { head: 'At once', isNumber: true, cell: ({ deployment }) => toAtOnce(deployment) },
  { head: 'Due', isNumber: true, cell: ({ backlog }) => formatCount(backlog?.due ?? 0) },
  { head: 'For the night', isNumber: true, cell: ({ backlog }) => formatCount(backlog?.awaitsNightly ?? 0) },
  {
    head: 'Under way',
    isNumber: true,
    cell: ({ backlog }) => formatCount((backlog?.sending ?? 0) + (backlog?.unknown ?? 0)),
  },
  { head: 'Oldest due', isNumber: true, cell: ({ backlog }) => toOldest(backlog) },
];

export function PlatformTable({
  platforms,
  backlog,
}: {
  platforms: readonly Platform[];
  backlog: readonly Backlog[];
}): VNode {
  const lines = platforms.flatMap((platform) =>
    platform.deployments.map((deployment): Line => ({
      platform,
      deployment,
      backlog: findBacklog(backlog, platform, deployment),
    })),
  );
  return (
    <Table
      caption="Platforms"
      columns={COLUMNS}
      rows={lines}
      keyOf={({ deployment }) => deployment.id}
      empty="None is like that: platforms come with their first launch."
    />
  );
}

export function findBacklog(
  backlog: readonly Backlog[],
  { platformId }: Platform,
  { deploymentId }: Deployment,
): Backlog | undefined {
  return backlog.find((one) => one.platformId === platformId && one.deploymentId === deploymentId);
}

/** How many calls at once are allowed now, and at most. */
export function toAtOnce({ limits: { inFlightNow, inFlightMax } }: Deployment): string {
  return inFlightNow < inFlightMax ? `${inFlightNow} of ${inFlightMax}` : `${inFlightMax}`;
}

export const toOldest = (backlog: Backlog | undefined): string =>
  backlog?.oldestReadySeconds == null ? '—' : toDuration(backlog.oldestReadySeconds);

function Name({ platform, deployment }: Omit<Line, 'backlog'>): VNode {
  return (
    <>
      <a href={hrefOf({ path: '/platforms/:id' }, { id: platform.id })}>{platform.platformId}</a>
      {platform.deployments.length > 1 && <span class="muted"> {deployment.deploymentId}</span>}
    </>
  );
}

export function Calls({ platform, deployment }: Omit<Line, 'backlog'>): VNode {
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
