import { Argument, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { findCandidates } from '../completion/candidates.js';
import { COMPLETION_SCRIPTS } from '../completion/scripts.js';
import type { Program } from '../program.js';
import type { Start } from '../tools.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

const EXAMPLES = `
Examples:
  $ eval "$(passback completion bash)"          in ~/.bashrc
  $ eval "$(passback completion zsh)"           in ~/.zshrc, after compinit
  $ passback completion fish | source           in ~/.config/fish/config.fish`;

export function addCompletion(program: Program, start: Start): void {
  program
    .command('completion')
    .description('a script that has a shell complete commands and options')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .addHelpText('after', EXAMPLES)
    .action((shell) => start(({ out }) => out.raw(COMPLETION_SCRIPTS[shell])));
  // Asked by these scripts.
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .action((words) =>
      start(async ({ out }) => {
        for (const { word, about } of findCandidates(toUnknown(program), words)) await out.raw(`${word}\t${about}\n`);
      }),
    );
}

/** Its types forget what each command takes. */
const toUnknown = (program: CommandUnknownOpts): CommandUnknownOpts => program;
