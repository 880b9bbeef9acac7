import { LtiaasError } from './error.js';

/** @throws {LtiaasError} for an id that would not stay one part of the path */
export function lineItemPath(lineItemId: string): string {
  if (/^\.{1,2}$/.test(lineItemId)) {
    const unsent = { kind: 'network', sent: false, method: '-', route: '/api/lineitems/{id}', durationMs: 0 } as const;
    throw new LtiaasError({ ...unsent, code: 'UNUSABLE_LINE_ITEM_ID' });
  }
  return `/api/lineitems/${encodeURIComponent(lineItemId)}`;
}

const MOST_PATHS = 5_000;

/** The scores of a column have one path; encoding it anew cost more than all else that is done to make a call. */
export function rememberScoresPaths(): (lineItemId: string) => string {
  const paths = new Map<string, string>();
  return (lineItemId) => {
    let path = paths.get(lineItemId);
    if (path === undefined) {
      if (paths.size >= MOST_PATHS) paths.clear();
      path = `${lineItemPath(lineItemId)}/scores`;
      paths.set(lineItemId, path);
    }
    return path;
  };
}
