import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { type Account, findClosedFolder, postgresAccount } from './account.js';

/** Where a cluster lies and who runs it. */
export interface ClusterPlace {
  folder: string;
  account: Account | undefined;
  /** Set when the cluster can't lie in the data folder: the folder on the way that its account may not enter. */
  closedFolder: string | undefined;
}

/**
 * Finds the place of the cluster that belongs to a existing data folder (absolute path), and makes the folder around it.
 *
 * It is `<dataDir>/cluster`. Where we are root, and the way there leads through a folder of root's alone (such as
 * root's home), Postgres could not reach it; then it is a folder of /var/lib/passback, which outlives a reboot as a
 * temporary folder would not. A cluster that is there already decides, so that opening a folder up later does not
 * make data seem to be gone.
 *
 * @throws Error when the cluster in the data folder can't be reached any more
 */
export function findClusterPlace(dataDir: string): ClusterPlace {
  const folder = path.join(dataDir, 'cluster');
  const account = postgresAccount(folder);
  const closedFolder = findClosedFolder(account, dataDir);
  const elsewhere = placeElsewhere(dataDir);
  const isHere = existsSync(path.join(folder, 'PG_VERSION'));
  if (isHere && closedFolder !== undefined) {
    throw new Error(
      `Postgres can't reach its data in ${folder}: its account may not enter ${closedFolder}. Allow it: chmod o+x ${closedFolder}`,
    );
  }
  const isElsewhere = account !== undefined && existsSync(path.join(elsewhere, 'PG_VERSION'));
  if (isHere || (closedFolder === undefined && !isElsewhere)) return { folder, account, closedFolder: undefined };
  mkdirSync(path.dirname(elsewhere), { recursive: true, mode: 0o711 });
  return { folder: elsewhere, account: postgresAccount(elsewhere), closedFolder: closedFolder ?? dataDir };
}

function placeElsewhere(dataDir: string): string {
  const key = createHash('sha256').update(realpathSync(dataDir)).digest('hex').slice(0, 16);
  return path.join('/var/lib/passback', key, 'cluster');
}
