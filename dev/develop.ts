import path from 'node:path';
import { parseArgs } from 'node:util';
import { followChanges, watchedFolders } from './develop/follow-changes.js';
import { watchSources } from './develop/source-watch.js';
import { createPrint, defaultDataDir, printStackLinks, runMain, runStack } from './run-stack.js';

const usage = `npm run dev [-- options]
  Starts the stack, and its API and worker again whenever their sources change; workflows are bundled anew then.
  PostgreSQL, Temporal and the sandbox go on meanwhile, with all data, open workflows and gradebooks.
  --reset         begin with nothing: removes the database and all else that was kept
  --data-dir D    keep things in D instead of .passback
  --help`;

const print = createPrint();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      reset: { type: 'boolean', default: false },
      'data-dir': { type: 'string', default: defaultDataDir },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const dataDir = path.resolve(values['data-dir']);
  // Before the stack: what changes while it starts counts.
  const watch = watchSources(path.join(import.meta.dirname, '..'), watchedFolders);
  return await runStack({ dataDir, reset: values.reset, print }, async (stack, interrupted) => {
    printStackLinks(stack, dataDir);
    process.stdout.write('  Follows your changes; Ctrl-C stops it.\n');
    await followChanges(stack, watch, print, interrupted);
    return 0;
  });
}

runMain(main, print);
