import type { VNode } from 'preact';
import { sentenceOfFailure } from '../../domain/story/failure-sentence.js';
import { ActionForm } from '../layout/action-form.js';
import { formatCount, Table, When, type Column } from '../layout/parts.js';
import type { Action } from '../screen.js';
import { PauseForm } from './pause-form.js';
import {
  Calls,
  findBacklog,
  toAtOnce,
  toOldest,
  type Backlog,
  type Deployment,
  type Platform,
} from './platform-table.js';

export type DeploymentActionsOf = Readonly<Record<'setLimits' | 'pause' | 'resume', Action>>;

export interface DeploymentTableProps {
  platform: Platform;
  backlog: readonly Backlog[];
  of: DeploymentActionsOf;
}

/** Limits and breaker of each deployment; those of one gate share them. */
export function DeploymentTable({ platform, backlog, of }: DeploymentTableProps): VNode {
  const columns: readonly Column<Deployment>[] = [
    { head: 'Deployment', cell: ({ deploymentId }) => deploymentId },
    { head: 'Calls', cell: (deployment) => <Calls platform={platform} deployment={deployment} /> },
    { head: 'Why', cell: (deployment) => <span class="sentence">{toReason(deployment)}</span> },
    { head: 'Since', cell: ({ breaker, paused }) => <When at={paused?.since ?? breaker.since} /> },
    { head: 'Next call', cell: ({ blockedUntil }) => <When at={blockedUntil} or="at once" /> },
    { head: 'Calls at once', isNumber: true, cell: toAtOnce },
    { head: 'Per second', isNumber: true, cell: ({ limits }) => limits.ratePerSecond ?? 'any' },
    {
      head: 'Due',
      isNumber: true,
      cell: (deployment) => formatCount(findBacklog(backlog, platform, deployment)?.due ?? 0),
    },
    {
      head: 'Oldest due',
      isNumber: true,
      cell: (deployment) => toOldest(findBacklog(backlog, platform, deployment)),
    },
    { head: 'Do', cell: (deployment) => <DeploymentActions platform={platform} deployment={deployment} of={of} /> },
  ];
  return (
    <Table
      caption="Deployments"
      columns={columns}
      rows={platform.deployments}
      keyOf={({ id }) => id}
      empty="None: they come with launches."
    />
  );
}

function toReason({ breaker: { type }, paused }: Deployment): string {
  if (paused) return `Somebody paused it: “${paused.reason}”.`;
  return type === null ? '' : sentenceOfFailure(type);
}

interface DeploymentActionsProps {
  platform: Platform;
  deployment: Deployment;
  of: DeploymentActionsOf;
}

function DeploymentActions({ platform: { id, deployments }, deployment, of }: DeploymentActionsProps): VNode {
  const { deploymentId, limits, paused } = deployment;
  const params = { id, deployment: deployment.id };
  return (
    <div class="actions">
      <ActionForm
        of={of.setLimits}
        params={{ id }}
        fields={{ deployment: deploymentId }}
        label="Set limits"
        reason="required"
      >
        <label>
          Calls at once, at most
          <input name="inFlightMax" type="number" min={1} max={1_000} required value={limits.inFlightMax} />
        </label>
        <label>
          Calls that begin within a second (empty: any)
          <input name="ratePerSecond" type="number" min={0.001} step="any" value={limits.ratePerSecond ?? ''} />
        </label>
      </ActionForm>
      {paused ? (
        <ActionForm of={of.resume} params={params} label="Resume deployment" reason="required" />
      ) : (
        // A single one is paused with its platform.
        deployments.length > 1 && <PauseForm of={of.pause} params={params} label="Pause deployment" />
      )}
    </div>
  );
}
