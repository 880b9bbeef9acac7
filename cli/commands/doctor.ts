import { EXIT, type ExitCode } from '../exit-codes.js';
import { examine, type Check } from '../examine.js';
import type { Style } from '../output.js';
import type { Program } from '../program.js';
import { readApiKey, readUrl } from '../settings.js';
import type { Start, Tools } from '../tools.js';

const EXAMPLES = `
Looks at the address, the API key, clocks, database, schema, key ring, Temporal, task queues, search attributes, schedules and
LTIAAS, and says what helps. It changes nothing. A key with the scope operate sees all of it.

Exit codes: 0 all is well, or nothing worse than a warning; 1 something failed, or cannot be told; 4 the API key; 5 the address.

Examples:
  $ passback doctor
  $ passback doctor --strict --json | jq '.checks[] | select(.state != "ok")'`;

const STYLES: Readonly<Record<Check['state'], Style>> = {
  ok: 'green',
  warning: 'yellow',
  failed: 'red',
  unknown: 'yellow',
};

export function addDoctor(program: Program, start: Start): void {
  program
    .command('doctor')
    .description('what is wrong with this installation, and what helps?')
    .option('--strict', 'warnings count, too')
    .addHelpText('after', EXAMPLES)
    .action(({ strict }) => start((tools) => doctor(tools, strict === true)));
}

async function doctor(tools: Tools, isStrict: boolean): Promise<ExitCode> {
  const { out, options, env } = tools;
  const url = readUrl(options, env);
  const { checks, code } = await examine({ url, apiKey: readApiKey(options, env), now: tools.now });
  const isWarned = isStrict && checks.some(({ state }) => state === 'warning');
  const ended = code === EXIT.done && isWarned ? EXIT.no : code;
  if (out.isJson) await out.json({ ok: ended === EXIT.done, url, checks });
  else await print(tools, checks);
  return ended;
}

async function print({ out }: Tools, checks: readonly Check[]): Promise<void> {
  const width = Math.max(...checks.map(({ name }) => name.length));
  for (const { name, state, says, helps } of checks) {
    await out.line({ text: state.padEnd(8), style: STYLES[state] }, `${name.padEnd(width)}  ${says}`);
    if (helps !== null) await out.line({ text: `${' '.repeat(8 + width)}  → `, style: 'dim' }, helps);
  }
  const bad = checks.filter(({ state }) => state !== 'ok').length;
  await out.line({
    text:
      bad === 0
        ? 'All is well.'
        : bad === 1
          ? '1 thing is not as it should be.'
          : `${bad} things are not as they should be.`,
    style: 'bold',
  });
}
