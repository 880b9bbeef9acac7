import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** What one process of a run executes, under the name by which it is shown. */
export interface TestProcess {
  name: string;
  entry: string;
  /** Begun when all others have ended. */
  isAlone: boolean;
}

/** What measures how long others wait: beside other tests, it would measure them. */
const ALONE: readonly string[] = ['test/api/connections/many-slow.test.ts'];

/**
 * Folders of which each one's files share a process, since loading what they stand on takes longer than their tests.
 * Files of others have workers or programs of their own: in one process one would wait while the next could run.
 */
const SHARING = /^test\/(bench|config|domain|ltiaas|sandbox|(api|db)\/\w+)$/;

/** What takes longest, in this order: begun last, it would be alone at the end. */
const LONGEST = [
  ...[
    'test/console/screens-in-browser',
    'test/console/more-screens-in-browser',
    'test/chaos/chaos.',
    'test/chaos/faults.',
    'test/chaos/restored.',
    'test/chaos/pooler.',
    'test/canaries/canaries',
    'test/e2e/',
    'test/examples/',
    'test/workflows/night-at-size',
    'test/activities/backfills/decisions',
  ],
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
    .map(([name, members]) => ({ name, entry: entryOf(folder, name, members), isAlone: ALONE.includes(name) }));
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
  writeFileSync(entry, loadingAll(transpiled.map((file) => `./${path.basename(file)}`)));
  return entry;
}

/**
 * node:test runs the hooks at the end of a file whenever no test is left, so also those of a file that has yet to define
 * its tests: nothing may run before all are loaded, which is what the suite is for.
 */
function loadingAll(modules: readonly string[]): string {
  const imports = modules.map((module) => `  await import('${module}');`);
  return [
    "import { describe } from 'node:test';",
    'const load = async () => {',
    ...imports,
    '};',
    'const loading = load();',
    "describe('the files of the folder are loaded', () => loading);",
    'await loading;',
    '',
  ].join('\n');
}
