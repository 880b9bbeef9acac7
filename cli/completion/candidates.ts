import type { Argument, CommandUnknownOpts, Option } from '@commander-js/extra-typings';

export interface Candidate {
  word: string;
  about: string;
}

/**
 * What may come next on a command line: the words after `passback`, of which the last is the one that is being written. None:
 * a file, or something that nobody here knows.
 */
export function findCandidates(program: CommandUnknownOpts, words: readonly string[]): Candidate[] {
  const whole = words.slice(0, -1);
  const part = words.at(-1) ?? '';
  let command = program;
  const options: Option[] = [...program.options];
  let places = 0;
  let awaited: Option | undefined;
  for (const word of whole) {
    if (awaited) {
      awaited = undefined;
      continue;
    }
    const option = options.find(({ long, short }) => word === long || word === short);
    const inner = command.commands.find((one) => one.name() === word);
    if (option) awaited = takesValue(option) ? option : undefined;
    else if (inner && places === 0) {
      command = inner;
      options.push(...inner.options);
    } else if (!word.startsWith('-')) places += 1;
  }
  const found = awaited
    ? toWords(awaited.argChoices)
    : part.startsWith('-')
      ? options.filter(({ hidden }) => !hidden).map(toCandidate)
      : [...visible(command), ...choicesOf(command.registeredArguments[places])];
  return found.filter(({ word }) => word.startsWith(part));
}

const takesValue = ({ required, optional }: Option): boolean => required || optional;

const toCandidate = ({ long, short, description }: Option): Candidate => ({
  word: long ?? short ?? '',
  about: description,
});

const visible = (command: CommandUnknownOpts): Candidate[] =>
  command
    .createHelp()
    .visibleCommands(command)
    .map((one) => ({ word: one.name(), about: one.description() }));

const choicesOf = (argument: Argument | undefined): Candidate[] => toWords(argument?.argChoices);

const toWords = (choices: readonly string[] | undefined): Candidate[] =>
  (choices ?? []).map((word) => ({ word, about: '' }));
