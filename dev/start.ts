import path from 'node:path';
import { parseArgs } from 'node:util';
import { runDemo } from './demo.js';
import { aborted } from './machine/time-limit.js';
import { createPrint, defaultDataDir, printStackLinks, runMain, runStack } from './run-stack.js';
import type { Stack } from './stack.js';

const usage = `npm start [-- options]
  --once          stop after the demo; the exit code is 0 when all of it went well
  --no-demo       leave the demo out
  --reset         begin with nothing: removes the database and all else that was kept
  --data-dir D    keep things in D instead of .passback
  --help`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      once: { type: 'boolean', default: false },
      'no-demo': { type: 'boolean', default: false },
      reset: { type: 'boolean', default: false },
      'data-dir': { type: 'string', default: defaultDataDir },
      help: { type: 'boolean', default: false },
    },
  });
  return { ...values, dataDir: path.resolve(values['data-dir']), demo: !values['no-demo'] };
}

const print = createPrint();

async function demoOutcome(stack: Stack, interrupted: AbortSignal): Promise<boolean> {
  const { apiUrl, apiKey, sandboxUrl, temporalUiUrl } = stack;
  if (sandboxUrl === undefined) {
    print('no demo: LTIAAS_URL is set, and the demo writes to the sandbox only');
    return true;
  }
  const demo = runDemo({ apiUrl, apiKey, sandboxUrl, temporalUiUrl, print }).catch((error: unknown) => {
    print(`the demo failed: ${error instanceof Error ? error.message : String(error)}`);
    return { ok: false };
  });
  const { ok } = await Promise.race([demo, aborted(interrupted).then(() => ({ ok: false }))]);
  return ok;
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options.help) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const { dataDir, reset } = options;
  return await runStack({ dataDir, reset, print }, async (stack, interrupted) => {
    const ok = options.demo ? await demoOutcome(stack, interrupted) : true;
    if (!interrupted.aborted) printStackLinks(stack, dataDir);
    if (options.once) return ok ? 0 : 1;
    if (!interrupted.aborted) process.stdout.write('  Ctrl-C stops it.\n');
    await aborted(interrupted);
    return 0;
  });
}

runMain(main, print);
