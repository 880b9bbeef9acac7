import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** What one process of a run executes, under the name by which it is shown. */
export interface TestProcess {
  name: string;
  entry: string;
}

/**
 * Folders of which each one's files share a process, since loading what they stand on takes longer than their tests.
 * Files of others have databases, workers or programs of their own, and clean up at their end, which in a shared process
 * comes too early: Node 20 was seen to close the database of a file before its first test.
 */
const SHARING = /^test\/(bench|config|domain|ltiaas|sandbox)$/;
const ALONE = ['test/sandbox/every-answer.test.ts'];

/** What takes longest, in this order: begun last, it would be alone at the end. */
const LONGEST = [
  ...['test/chaos/chaos.', 'test/e2e/', 'test/workflows/night-at-size', 'test/activities/backfills/decisions'],
  ...['test/dev/embedded-postgres', 'test/api/', 'test/workflows/', 'test/activities/', 'test/dev/', 'test/sandbox'],
];

/** Plans the processes for test files, which are named from the root and transpiled in `folder`: longest first. */
export function planProcesses(folder: string, files: readonly string[]): TestProcess[] {
  const processes = new Map<string, string[]>();
  for (const file of files) {
    const subject = path.dirname(file);
    const name = SHARING.test(subject) && !ALONE.includes(file) ? subject : file;
    processes.set(name, [...(processes.get(name) ?? []), file]);
  }
  return [...processes]
    .toSorted(([one], [other]) => rankOf(one) - rankOf(other))
    .map(([name, members]) => ({ name, entry: entryOf(folder, name, members) }));
}

function rankOf(name: string): number {
  const rank = LONGEST.findIndex((start) => name.startsWith(start));
  return rank < 0 ? LONGEST.length : rank;
}

function entryOf(folder: string, name: string, members: readonly string[]): string {
  const transpiled = members.map((member) => member.replace(/ts$/, 'js'));
  const [only = '', ...others] = transpiled;
  if (others.length === 0) return path.join(folder, only);
  const entry = path.join(folder, name, 'all.test.js');
  const imports = transpiled.map((file) => `await import('./${path.basename(file)}');\n`);
  writeFileSync(entry, imports.join(''));
  return entry;
}
