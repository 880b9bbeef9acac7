/** Where Temporal's web UI shows a workflow; ids may hold slashes. */
export function workflowUrl(
  uiUrl: string,
  { namespace, workflowId, runId }: { namespace: string; workflowId: string; runId?: string | undefined },
): string {
  return toUrl(uiUrl, ['namespaces', namespace, 'workflows', workflowId, ...(runId ? [runId] : [])]);
}

/** Where it shows a schedule. */
export function scheduleUrl(uiUrl: string, { namespace, name }: { namespace: string; name: string }): string {
  return toUrl(uiUrl, ['namespaces', namespace, 'schedules', name]);
}

/** Where it lists the workflows that a query finds. */
export function listUrl(uiUrl: string, { namespace, query }: { namespace: string; query: string }): string {
  return `${toUrl(uiUrl, ['namespaces', namespace, 'workflows'])}?query=${encodeURIComponent(query)}`;
}

function toUrl(uiUrl: string, parts: readonly string[]): string {
  return `${uiUrl.replace(/(?<!\/)\/+$/, '')}/${parts.map(encodeURIComponent).join('/')}`;
}
