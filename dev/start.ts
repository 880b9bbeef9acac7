import path from 'node:path';
import { parseArgs } from 'node:util';
import { runDemo } from './demo.js';
import { resetStack } from './stack/orphans.js';
import { type Stack, startStack } from './stack.js';

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
      'data-dir': { type: 'string', default: path.join(import.meta.dirname, '..', '.passback') },
      help: { type: 'boolean', default: false },
    },
  });
  return { ...values, dataDir: path.resolve(values['data-dir']), demo: !values['no-demo'] };
}

const startedAt = performance.now();
function print(text: string): void {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(5);
  process.stdout.write(`${text.replaceAll(/^/gm, `${seconds}s  `)}\n`);
}

/** Resolves at the first Ctrl-C or SIGTERM; the second one ends everything at once. */
function interruption(atOnce: () => void): { signal: AbortSignal; happened: Promise<void> } {
  const controller = new AbortController();
  const happened = new Promise<void>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => {
        if (controller.signal.aborted) atOnce();
        controller.abort(new Error('called off'));
        resolve();
      });
    }
  });
  return { signal: controller.signal, happened };
}

function printLinks(stack: Stack, dataDir: string): void {
  const links = [
    ['API docs', `${stack.apiUrl}/docs`],
    ['Temporal UI', stack.temporalUiUrl],
    ['sandbox', stack.sandboxUrl],
    ['API key', stack.apiKey],
    ['logs', path.join(dataDir, 'logs')],
  ];
  for (const [name = '', value] of links)
    if (value !== undefined) process.stdout.write(`  ${name.padEnd(12)} ${value}\n`);
}

async function demoOutcome(stack: Stack, interrupted: Promise<void>): Promise<boolean> {
  const { apiUrl, apiKey, sandboxUrl, temporalUiUrl } = stack;
  if (sandboxUrl === undefined) {
    print('no demo: LTIAAS_URL is set, and the demo writes to the sandbox only');
    return true;
  }
  const demo = runDemo({ apiUrl, apiKey, sandboxUrl, temporalUiUrl, print }).catch((error: unknown) => {
    print(`the demo failed: ${error instanceof Error ? error.message : String(error)}`);
    return { ok: false };
  });
  const { ok } = await Promise.race([demo, interrupted.then(() => ({ ok: false }))]);
  return ok;
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options.help) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const running: { stack?: Stack } = {};
  const { signal, happened } = interruption(() => {
    running.stack?.kill();
    process.exit(130);
  });
  const { dataDir } = options;
  if (options.reset) await resetStack(dataDir, print);
  const stack = await startStack({ dataDir, env: process.env, onProgress: print, signal }).catch((error: unknown) => {
    if (signal.aborted) return undefined;
    throw error;
  });
  if (stack === undefined) return 130;
  running.stack = stack;
  try {
    const ok = options.demo ? await demoOutcome(stack, happened) : true;
    if (!signal.aborted) printLinks(stack, dataDir);
    if (options.once) return ok ? 0 : 1;
    if (!signal.aborted) process.stdout.write('  Ctrl-C stops it.\n');
    await happened;
    return 0;
  } finally {
    print('stopping');
    await stack.stop();
    print('stopped');
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    print(error instanceof Error ? error.message : String(error));
    process.exit(1);
  },
);
