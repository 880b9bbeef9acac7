import { Command } from '@commander-js/extra-typings';
import { addApiKeys } from './commands/api-keys.js';
import { addBackfills } from './commands/backfill.js';
import { addCompletion } from './commands/completion.js';
import { addDoctor } from './commands/doctor.js';
import { addExplain } from './commands/explain.js';
import { addKeys } from './commands/keys.js';
import { addOpen } from './commands/open.js';
import { addSandbox } from './commands/sandbox.js';
import { addSchedules } from './commands/schedule.js';
import { addScores } from './commands/scores.js';
import { addWebhooks } from './commands/webhook.js';
import type { GlobalOptions } from './settings.js';
import type { Start, Surroundings } from './tools.js';
import { readVersion } from './version.js';

/** A command without options of its own, to which others are added. */
export type Parent = Command<[], Record<never, never>>;
export type Program = Command<[], GlobalOptions>;

const GROUPS = [
  addApiKeys,
  addBackfills,
  addCompletion,
  addDoctor,
  addExplain,
  addKeys,
  addOpen,
  addSandbox,
  addSchedules,
  addScores,
  addWebhooks,
] as const;

const SETTINGS = `
Settings:
  PASSBACK_URL           where Passback is, such as https://passback.example.edu
  PASSBACK_API_KEY       the API key, or PASSBACK_API_KEY_FILE: a file that holds it
  NO_COLOR               without colours

Exit codes:
  0 done   1 the answer is no   2 wrong command line, setting or file   3 the API refused it
  4 API key missing, wrong or not allowed   5 no answer of Passback   130 interrupted`;

/** All commands. Nothing is done before one of them is parsed. */
export function createProgram({ stdout, stderr }: Surroundings, start: Start): Program {
  const program: Program = new Command('passback')
    .description('Passback from the command line: grades from LTI tools into LMS gradebooks.')
    .exitOverride()
    .configureOutput({ writeOut: (text) => void stdout.write(text), writeErr: (text) => void stderr.write(text) })
    .configureHelp({ showGlobalOptions: true, sortSubcommands: true })
    .showHelpAfterError('(--help says more)')
    .option('--url <url>', 'where Passback is (PASSBACK_URL)')
    .option('--api-key-file <file>', 'a file that holds the API key (PASSBACK_API_KEY, PASSBACK_API_KEY_FILE)')
    .option('--json', 'JSON on stdout, for programs')
    .option('-q, --quiet', 'no progress, no remarks')
    .version(readVersion(), '-V, --version')
    .addHelpText('after', SETTINGS);
  for (const add of GROUPS) add(program, start);
  return program;
}
