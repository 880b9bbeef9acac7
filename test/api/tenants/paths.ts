import type { Ids } from '../../helpers/tenant.js';

/** Which id of a tenant stands for `{id}`, by what the path begins with. The longest counts. */
const ID_OF: Readonly<Record<string, keyof Ids>> = {
  ...{ '/v1/service-keys': 'serviceKey', '/v1/scores': 'score', '/v1/scores/{id}/decide': 'held' },
  '/v1/scores/{id}/story': 'retried',
  ...{ '/v1/contexts': 'context', '/v1/line-items': 'lineItem', '/v1/platforms': 'platform' },
  ...{ '/v1/deployments': 'deployment', '/v1/runs': 'run', '/v1/bulk-operations': 'operation' },
  ...{ '/v1/api-keys': 'apiKey', '/v1/console-sessions': 'session', '/v1/webhook-events': 'event' },
  ...{ '/v1/notices': 'endpoint', '/v1/notice-deliveries': 'delivery', '/v1/backfills': 'backfill' },
  '/v1/people/requests': 'person',
};

/** @throws for an `{id}` that nobody knows */
export function fillPath(path: string, of: Ids): string {
  const [begin] = Object.keys(ID_OF)
    .filter((one) => path === one || path.startsWith(`${one}/`))
    .toSorted((one, other) => other.length - one.length);
  const kind = begin === undefined ? undefined : ID_OF[begin];
  const parts: Readonly<Record<string, string | undefined>> = {
    ...{ id: kind && of[kind], source: of.source, secret: of.secret, reference: of.reference, name: 'nightly-sync' },
  };
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const part = parts[name];
    if (part === undefined)
      throw new Error(`Which {${name}} of ${path} is meant, test/api/tenants/paths.ts does not say.`);
    return encodeURIComponent(part);
  });
}
