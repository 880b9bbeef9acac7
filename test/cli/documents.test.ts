/** Each command line of docs/cli.md, of the package's README and of the help is one that the program takes. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { test, type TestContext } from 'node:test';
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { createProgram } from '../../cli/program.js';
import type { Start, Surroundings } from '../../cli/tools.js';
import { readRepositoryFile } from '../helpers/repository.js';
import { blocksOf } from '../documents/markdown.js';
import { isShell } from '../documents/plan.js';

const surroundings: Surroundings = {
  ...{ env: {}, stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() },
  ...{ now: () => new Date(), interruption: () => new AbortController().signal },
};
const [END, NEXT] = ['\u001e', '\u001f'];

/** Has bash take the lines apart, with `passback` that only says what it was given, and no other program at all. */
function argumentsIn(t: TestContext, lines: string): string[][] {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'passback-cli-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const script = `passback() { printf '%s${NEXT}' "$@" >> said; printf '${END}' >> said; }
    command_not_found_handle() { return 0; }
    PATH=/nowhere score=s id=i backfill=b
    ${lines.replaceAll('…', 'x')}`;
  spawnSync('/bin/bash', ['-c', script], { cwd: folder, input: '' });
  const said = readFileSync(path.join(folder, 'said'), 'utf8');
  return said.split(END).flatMap((one) => (one === '' ? [] : [one.split(NEXT).slice(0, -1)]));
}

/** What the program makes of them: the commands that began, or why one did not. */
async function begin(lines: readonly string[][]): Promise<string[]> {
  const troubles: string[] = [];
  for (const args of lines) {
    let hasBegun = args.includes('--help');
    const start: Start = async () => void (hasBegun = true);
    const program = createProgram(surroundings, start);
    try {
      await program.parseAsync(args, { from: 'user' });
    } catch (error) {
      if (!hasBegun) troubles.push(`${args.join(' ')}: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (!hasBegun) troubles.push(`${args.join(' ')}: nothing began`);
  }
  return troubles;
}

for (const [document, least] of [
  ['docs/cli.md', 25],
  ['cli/README.md', 1],
] as const) {
  test(`the program takes what ${document} shows`, async (t) => {
    const blocks = blocksOf(document).filter(isShell);
    const lines = argumentsIn(t, blocks.map(({ text }) => text).join('\n'));
    assert.ok(lines.length >= least, `${lines.length} lines`);
    assert.deepEqual(await begin(lines), []);
  });
}

test('the program takes what its help shows', async (t) => {
  const helps: string[] = [];
  const collect = (command: CommandUnknownOpts): void => {
    let text = '';
    command.configureOutput({ writeOut: (part) => void (text += part) }).outputHelp();
    const shown = text.split('\n').filter((line) => line.startsWith('  $ '));
    // Remarks stand far to the right.
    helps.push(...shown.map((line) => line.slice('  $ '.length).split('   ')[0] ?? ''));
    for (const one of command.commands) collect(one);
  };
  collect(createProgram(surroundings, async () => undefined));
  const lines = argumentsIn(t, helps.join('\n'));
  assert.ok(lines.length > 30, `${lines.length} lines`);
  assert.deepEqual(await begin(lines), []);
});

test('docs/cli.md names each command', () => {
  const text = readRepositoryFile('docs/cli.md');
  const names = createProgram(surroundings, async () => undefined)
    .commands.map((command) => command.name())
    .filter((name) => name !== 'complete');
  assert.ok(names.length >= 10);
  assert.deepEqual(
    names.filter((name) => !text.includes(`passback ${name}`)),
    [],
  );
});
