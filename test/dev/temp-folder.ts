import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** The test's context, or the hooks of the suite around it. */
export interface Cleanup {
  after(clean: () => void): void;
}

/** A folder that is removed when the test is over. Others may pass through it: as root, Postgres runs as `nobody`. */
export function tempFolder(t: Cleanup): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'passback-dev-'));
  chmodSync(folder, 0o711);
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
