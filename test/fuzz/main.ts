/** `npm run fuzz`: schemathesis over the API of a stack of its own; ends with 1 when it finds anything. */
import { spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runDemo } from '../../dev/demo.js';
import { startStack } from '../../dev/stack.js';

const USAGE = `npm run fuzz [-- options]     needs python3 with venv; schemathesis is fetched once into your cache folder
  --examples N   cases for each route and phase; default 50
  --seed N       the same seed gives the same cases; default: another one each time
  --only ID      of one operationId only
  --keep-logs    leaves the folder with the logs
  --help`;
const VERSION = '4.32.5';

const { values } = parseArgs({
  options: {
    examples: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(randomInt(1, 1_000_000)) },
    only: { type: 'string' },
    'keep-logs': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** The program, in an environment of its own for each version. */
function fetchSchemathesis(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache');
  const folder = path.join(cache, 'passback', `schemathesis-${VERSION}`);
  const program = path.join(folder, 'bin', 'schemathesis');
  if (existsSync(program)) return program;
  mkdirSync(path.dirname(folder), { recursive: true });
  for (const [command = '', ...args] of [
    ['python3', '-m', 'venv', folder],
    [path.join(folder, 'bin', 'pip'), 'install', '--quiet', `schemathesis==${VERSION}`],
  ]) {
    const { status } = spawnSync(command, args, { stdio: 'inherit' });
    if (status === 0) continue;
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`${command} ${args.join(' ')} failed`);
  }
  return program;
}

async function main(): Promise<number> {
  const program = fetchSchemathesis();
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'passback-fuzz-'));
  const print = (text: string): void => void process.stdout.write(`${text}\n`);
  // Each case comes from an address of its own.
  const settings = { PORT: undefined, LOG_LEVEL: 'info', TRUST_PROXY: '1' };
  const stack = await startStack({ dataDir, env: { ...process.env, ...settings } });
  try {
    const { apiUrl, apiKey, sandboxUrl, temporalUiUrl } = stack;
    if (sandboxUrl === undefined) throw new Error('LTIAAS_URL is set: fuzzing is for the sandbox only');
    // So that there is something behind each route.
    await runDemo({ apiUrl, apiKey, sandboxUrl, temporalUiUrl, print });
    print(`seed ${values.seed}`);
    const args = [
      ...['--config-file', path.join(import.meta.dirname, 'schemathesis.toml')],
      ...['run', `${apiUrl}/openapi.json`, '--no-color', '--checks', 'all', '--continue-on-failure'],
      ...['--phases', 'examples,coverage,fuzzing', '--generation-database', 'none'],
      ...['--max-examples', values.examples, '--seed', values.seed],
      // A pattern with a length is hard to find values for, and wrong in nothing.
      ...['--suppress-health-check', 'filter_too_much'],
      ...(values.only === undefined ? [] : ['--include-operation-id', values.only]),
    ];
    const env = {
      ...process.env,
      PASSBACK_API_KEY: apiKey,
      PYTHONPATH: import.meta.dirname,
      SCHEMATHESIS_HOOKS: 'hooks',
      PYTHONDONTWRITEBYTECODE: '1',
    };
    const child = spawn(program, args, { cwd: dataDir, env, stdio: 'inherit' });
    return await new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)));
  } finally {
    await stack.stop();
    if (values['keep-logs']) print(`logs: ${dataDir}/logs`);
    else rmSync(dataDir, { recursive: true, force: true });
  }
}

if (values.help) process.stdout.write(`${USAGE}\n`);
else process.exitCode = await main();
