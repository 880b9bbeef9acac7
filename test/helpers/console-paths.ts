/** Which page of the console is meant, when it is of something. */
import assert from 'node:assert/strict';
import { hrefOf } from '../../console/screen.js';

/** Which id of a tenant stands for `:id`, by what a path begins with. The first counts. */
const ID_OF = [
  ...([
    ['/scores/', 'score'],
    ['/courses/', 'context'],
    ['/platforms/', 'platform'],
    ['/runs/', 'run'],
  ] as const),
  ...([
    ['/backfills/', 'backfill'],
    ['/bulk-operations/', 'operation'],
    ['/keys/', 'apiKey'],
  ] as const),
  ...([
    ['/sessions/', 'session'],
    ['/webhooks/', 'event'],
    ['/notices/deliveries/', 'delivery'],
  ] as const),
  ['/notices/', 'endpoint'],
] as const;

type Kind = (typeof ID_OF)[number][1] | 'lineItem' | 'serviceKey' | 'deployment' | 'source';
/** What paths of screens name. */
export type ScreenIds = Readonly<Record<Kind, string>>;

/** @throws for a parameter of which nobody knows what it stands for */
export function fillScreenPath(path: string, of: ScreenIds): string {
  const kind = ID_OF.find(([begin]) => path.startsWith(begin))?.[1];
  const { lineItem: column, serviceKey: key, deployment, source } = of;
  const params = { column, key, deployment, source, name: 'nightly-sync', ...(kind && { id: of[kind] }) };
  const unknown = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name).filter((name) => !(name in params));
  assert.deepEqual(unknown, [], `${path}: say in test/helpers/console-paths.ts which id of a tenant is meant`);
  return hrefOf({ path }, params);
}
