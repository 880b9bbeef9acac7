/** Ends of lines that say that the command goes on. */
const GOES_ON = /(\\|\||&&)$/;

/** The commands of a block of shell, each with the lines that belong to it, without comments. */
export function commandsOf(block: string): string[] {
  const commands: string[] = [];
  let command = '';
  let quote = '';
  const end = (): void => {
    if (command.trim() !== '') commands.push(command.trim());
    command = '';
  };
  for (let index = 0; index < block.length; index += 1) {
    const sign = block.charAt(index);
    if (quote !== "'" && sign === '\\') {
      command += sign + block.charAt(index + 1);
      index += 1;
    } else if (quote !== '') {
      command += sign;
      if (sign === quote) quote = '';
    } else if (sign === '#' && /(^|\s)$/.test(command)) {
      index = block.indexOf('\n', index) - 1;
      if (index < 0) break;
    } else if (sign === '\n' && !GOES_ON.test(command.trimEnd())) {
      end();
    } else {
      if (sign === "'" || sign === '"') quote = sign;
      command += sign;
    }
  }
  end();
  return commands;
}
