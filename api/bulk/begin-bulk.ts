import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { AuditEntry } from '../../db/access/audit-entries.js';
import type { BulkAct } from '../../db/bulk/acts.js';
import type { BulkOperation } from '../../db/bulk/bulk-operations.js';
import type { ContextToWake } from '../../db/bulk/page.js';
import { callerOf } from '../plugins/auth.js';
import type { RouteOptions } from '../route.js';
import { tellWorkflow } from '../temporal/tell-workflow.js';
import type { WorkflowLink } from '../temporal/workflow-link.js';

export interface BegunBulk {
  operation: BulkOperation;
  /** As its answer shows it. */
  view: ReturnType<typeof toBulkOperation>;
  /** Of the first page. */
  contexts: readonly ContextToWake[];
  /** Its workflow, where there is more to do than the first page. */
  links: WorkflowLink[];
}

/**
 * Begins what a request asks for. Its first page is done when this resolves, with its audit entry (`note`) in the same
 * transaction; a workflow does the others.
 */
export async function beginBulk(
  request: FastifyRequest,
  { deps }: RouteOptions,
  { act, reason, note }: { act: BulkAct; reason: string; note?: (begun: BulkOperation) => AuditEntry },
): Promise<BegunBulk> {
  const { apiKeyId, platforms } = callerOf(request);
  const wanted = { id: randomUUID(), act, platforms, apiKey: apiKeyId, reason };
  const begun = await deps.store.transact(async ({ bulkOperations, audit }) => {
    const operation = await bulkOperations.begin(wanted);
    if (note) await audit.insert(note(operation));
    return operation;
  });
  const { contexts, ...operation } = begun;
  const links: WorkflowLink[] = [];
  if (operation.state === 'running') {
    const link = await tellWorkflow(request, () => deps.workflows.carryOnBulk(operation.id));
    if (link) links.push(link);
  }
  return { operation, view: toBulkOperation(operation, deps.workflows), contexts, links };
}

// eslint-disable-next-line @typescript-eslint/explicit-module-boundary-types -- the schema of the answer checks it
export function toBulkOperation(
  operation: BulkOperation,
  workflows: Pick<RouteOptions['deps']['workflows'], 'linkOfBulk'>,
) {
  return { ...operation, details: { ...operation.details }, workflow: workflows.linkOfBulk(operation.id) };
}
