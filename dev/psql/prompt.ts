import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { toTable } from './table.js';

/**
 * A small stand-in for psql: does what -c says, or reads statements, each up to a line that ends in a semicolon, from a
 * terminal or a pipe.
 *
 * @returns the exit code: 1 when a statement failed, after which only a terminal is asked for more
 */
export async function runPrompt(databaseUrl: string, args: string[]): Promise<number> {
  const commands = readCommands(args);
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'passback psql' });
  client.on('notice', ({ message }) => process.stderr.write(`NOTICE: ${message}\n`));
  await client.connect();
  try {
    if (commands === undefined) return await readStatements(client);
    for (const command of commands) if (!(await run(client, command))) return 1;
    return 0;
  } finally {
    await client.end();
  }
}

function readCommands(args: string[]): string[] | undefined {
  try {
    const options = { command: { type: 'string', short: 'c', multiple: true } } as const;
    return parseArgs({ args, options }).values.command;
  } catch {
    throw new Error('There is no psql on the PATH, and the prompt in its place takes -c only.');
  }
}

async function readStatements(client: pg.Client): Promise<number> {
  const isTerminal = process.stdin.isTTY;
  const lines = createInterface({ input: process.stdin, ...(isTerminal && { output: process.stdout }) });
  let text = '';
  const ask = () => {
    lines.setPrompt(text === '' ? 'passback=> ' : 'passback-> ');
    if (isTerminal) lines.prompt();
  };
  // Ctrl-C forgets what was begun, as in psql; Ctrl-D ends.
  lines.on('SIGINT', () => {
    text = '';
    process.stdout.write('\n');
    ask();
  });
  if (isTerminal) process.stdout.write('A statement ends with ; and the session with \\q or Ctrl-D.\n');
  ask();
  for await (const line of lines) {
    if (line.trim() === '\\q') break;
    text += `${line}\n`;
    if (isWhole(text)) {
      const isDone = await run(client, text);
      text = '';
      if (!isDone && !isTerminal) return 1;
    }
    ask();
  }
  lines.close();
  return text.trim() === '' || isTerminal || (await run(client, text)) ? 0 : 1;
}

const quoted = /'(?:[^']|'')*'|"[^"]*"|(\$\w*\$)[^]*?\1|--[^\n]*|\/\*[^]*?\*\//g;

/** Whether the text ends in a semicolon that stands in no string, name, function body or comment. */
export function isWhole(text: string): boolean {
  const bare = text.replaceAll(quoted, ' ');
  return /;\s*$/.test(bare) && !/['"]|\$\w*\$|\/\*/.test(bare);
}

/** Values stay the text that PostgreSQL writes. */
const types = { getTypeParser: () => (value: string) => value };

async function run(client: pg.Client, text: string): Promise<boolean> {
  try {
    const answer: unknown = await client.query<unknown[]>({ text, rowMode: 'array', types });
    for (const result of Array.isArray(answer) ? answer : [answer]) process.stdout.write(toTable(result));
    return true;
  } catch (error) {
    process.stderr.write(`ERROR: ${error instanceof Error ? error.message : String(error)}\n`);
    return false;
  }
}
