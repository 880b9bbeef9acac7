import { spawn } from 'node:child_process';
import { findPlace } from '../find-place.js';
import type { Program } from '../program.js';
import { readUrl } from '../settings.js';
import type { Start, Tools } from '../tools.js';
import { UsageError } from '../usage-error.js';

const EXAMPLES = `
Takes our id of a score, course, column, platform, deployment, run, backfill, event or bulk operation, also within a workflow's id.
Where stdout is no terminal, and with --print, the address is written and nothing is opened.

Examples:
  $ passback open                                   the console
  $ passback open send/6f6c1b0a-52c7-4a7e-9a27-2f1f3b1d6a10
  $ passback open 6f6c1b0a-52c7-4a7e-9a27-2f1f3b1d6a10 --temporal`;

export function addOpen(program: Program, start: Start): void {
  program
    .command('open')
    .description('show something in the console, or in the Temporal UI')
    .argument('[id]', 'of ours')
    .option('--temporal', 'in the Temporal UI, where it has a workflow')
    .option('--print', 'only write the address')
    .addHelpText('after', EXAMPLES)
    .action((id, { temporal, print }) =>
      start((tools) => open(tools, { id, isTemporal: temporal === true, isPrinted: print === true })),
    );
}

interface Open {
  id: string | undefined;
  isTemporal: boolean;
  isPrinted: boolean;
}

async function open(tools: Tools, { id, isTemporal, isPrinted }: Open): Promise<void> {
  const { out, options, env, stdout } = tools;
  const console = `${readUrl(options, env)}/console`;
  const place = id === undefined ? { path: '', temporal: null } : await findPlace(tools.client(), id);
  const url = isTemporal ? place.temporal : `${console}${place.path}`;
  if (url === null)
    throw new UsageError('The Temporal UI has nothing of it, or TEMPORAL_UI_URL of the API is not set.');
  if (out.isJson) return out.json({ url });
  await out.line(url);
  if (!isPrinted && stdout.isTTY === true) openInBrowser(url);
}

/** The address has been written, for wherever there is no such program. */
function openInBrowser(url: string): void {
  const options = { stdio: 'ignore', detached: true } as const;
  const child =
    process.platform === 'darwin'
      ? spawn('open', [url], options)
      : process.platform === 'win32'
        ? spawn('explorer', [url], options)
        : spawn('xdg-open', [url], options);
  child.once('error', () => undefined);
  child.unref();
}
