import { chownSync, existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** The system user that Postgres runs as; undefined stands for the one that we run as. */
export interface Account {
  uid: number;
  gid: number;
}

/**
 * Postgres refuses to run as root. For root it runs as the owner of the cluster that is there, else as `nobody`,
 * so that no user has to be made on the machine.
 */
export function postgresAccount(clusterFolder: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = existsSync(clusterFolder) ? statSync(clusterFolder) : undefined;
  return owner !== undefined && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : nobody();
}

/** Hands a file or folder that we made over to the account. */
export function giveTo(account: Account | undefined, file: string): void {
  if (account !== undefined) chownSync(file, account.uid, account.gid);
}

/** The first folder on the way to `folder`, itself included, that the account may not pass through. */
export function findClosedFolder(account: Account | undefined, folder: string): string | undefined {
  if (account === undefined) return undefined;
  const { root } = path.parse(folder);
  const names = path.relative(root, folder).split(path.sep);
  const chain = names.map((_, index) => path.join(root, ...names.slice(0, index + 1)));
  return [root, ...chain].find((step) => existsSync(step) && !mayPass(account, step));
}

function mayPass(account: Account, folder: string): boolean {
  const { uid, gid, mode } = statSync(folder);
  if (uid === account.uid) return (mode & 0o100) !== 0;
  return ((gid === account.gid ? mode >> 3 : mode) & 0o001) !== 0;
}

function nobody(): Account {
  const passwd = existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8') : '';
  const fields = /^nobody:.*$/m.exec(passwd)?.[0].split(':') ?? [];
  const [uid, gid] = [Number(fields[2]), Number(fields[3])];
  // 65534 is what Linux distributions give nobody; macOS writes -2 there, which as an unsigned id is this:
  const unsigned = (id: number) => (Number.isInteger(id) ? id >>> 0 : 65_534);
  return { uid: unsigned(uid), gid: unsigned(gid) };
}
