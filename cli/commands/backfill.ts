import { Argument, Option } from '@commander-js/extra-typings';
import type { Program } from '../program.js';
import type { Start } from '../tools.js';
import { formatOption, reasonOption, toCount, toNumber } from '../options.js';
import { decide, list, show } from '../backfills/decide.js';
import { runBackfill, undo } from '../backfills/begin.js';
import { watch } from '../backfills/watch.js';

const EXAMPLES = `
Examples:
  $ passback backfill run corrected.csv --reason "rounding bug" --author Ada --dry-run
  $ passback backfill run corrected.csv --reason "rounding bug" --author Ada
  $ passback backfill approve 6f6c1b0a-… --reason "looked at it" && passback backfill watch 6f6c1b0a-…
  $ passback backfill undo 6f6c1b0a-… --reason "it was right before" --author Ada

Nothing is sent before somebody approves. Exit codes of run and watch: 0 it waits for approval or has ended well, 1 it was cancelled
or failed, or some scores were rejected.`;

const idArgument = (): Argument<'<id>', undefined, string> => new Argument('<id>', 'of the backfill');
const authorOption = (): Option<'--author <name>', undefined, undefined, undefined, true> =>
  new Option('--author <name>', 'who answers for it').makeOptionMandatory();

export function addBackfills(program: Program, start: Start): void {
  const backfills = program.command('backfill').description('correct many scores').addHelpText('after', EXAMPLES);
  backfills
    .command('run')
    .description('upload corrected scores, and show what they would change')
    .argument('<file>', 'CSV or NDJSON; - reads stdin')
    .addOption(formatOption())
    .addOption(reasonOption())
    .addOption(authorOption())
    .option('--dry-run', 'end after the preview')
    .option('--after-preview', 'release without a stop where the preview is under the threshold')
    .option('--check-gradebook', 'compare with what the LMS itself shows')
    .option('--queue', 'wait where another backfill has the same scores in hand')
    .option('--per-second <count>', 'scores released per second, at most', toNumber)
    .option('--key <key>', 'of your own: the same key with the same file is the same backfill')
    .option('--detach', 'do not wait for the preview')
    .action((file, { format, ...given }) => start((tools) => runBackfill(tools, { file, format, ...given })));
  backfills
    .command('list')
    .description('list backfills, newest first')
    .option('--limit <count>', 'how many', toCount, 20)
    .action(({ limit }) => start((tools) => list(tools, limit)));
  backfills
    .command('show')
    .description('what it would change, and how far it is')
    .addArgument(idArgument())
    .action((id) => start((tools) => show(tools, id)));
  backfills
    .command('watch')
    .description('follow a backfill to its end')
    .addArgument(idArgument())
    .action((id) => start((tools) => watch(tools, id, { isUntilApproval: false })));
  backfills
    .command('undo')
    .description('another backfill that restores what was before')
    .addArgument(idArgument())
    .addOption(reasonOption())
    .addOption(authorOption())
    .option('--dry-run', 'end after the preview')
    .action((id, given) => start((tools) => undo(tools, { id, ...given })));
  for (const [name, about] of DECISIONS) {
    backfills
      .command(name)
      .description(about)
      .addArgument(idArgument())
      .addOption(reasonOption())
      .action((id, { reason }) => start((tools) => decide(tools, name, { id, body: { reason } })));
  }
}

const DECISIONS = [
  ['approve', 'let it go'],
  ['pause', 'stop it, and take back what was not sent'],
  ['resume', 'go on'],
  ['cancel', 'end it; what was sent stays'],
] as const;
