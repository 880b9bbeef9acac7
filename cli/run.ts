import { CommanderError } from 'commander';
import { EXIT, type ExitCode } from './exit-codes.js';
import { createProgram } from './program.js';
import { toComplaint } from './say-error.js';
import { createTools, type Start, type Surroundings } from './tools.js';

/** Runs one command line to its end, and gives the exit code. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  let code: ExitCode = EXIT.done;
  const start: Start = async (work) => {
    code = (await work(createTools(surroundings, program.opts()))) ?? EXIT.done;
  };
  const program = createProgram(surroundings, start);
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    // Help and version were asked for; anything else of commander's it has said itself.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    const { out } = createTools(surroundings, program.opts());
    const { code: failed, sentence, helps, problem } = toComplaint(error);
    if (out.isJson)
      surroundings.stderr.write(`${JSON.stringify({ error: { code: failed, sentence, helps, problem } })}\n`);
    else {
      out.complain({ text: 'passback: ', style: 'red' }, sentence);
      for (const help of helps) out.complain(`  ${help}`);
    }
    return failed;
  }
}
