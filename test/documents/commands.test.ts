/** Every command of every document is run by a test, or it is said why not. */
import assert from 'node:assert/strict';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { readRepositoryFile, root } from '../helpers/repository.js';
import { blocksOf, documents, withoutHistory } from './markdown.js';
import { ELSEWHERE, EXCEPTIONS, isRunInSession, isShell, SCRIPTS, SESSIONS } from './plan.js';
import { commandsOf } from './shell.js';

const Manifest = Compile(Type.Object({ scripts: Type.Record(Type.String(), Type.String()) }));
const scriptsIn = (manifest: string): string[] =>
  Object.keys(Manifest.Parse(JSON.parse(readRepositoryFile(manifest))).scripts);
const testFiles = readdirSync(path.join(root, 'test'), { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.test.ts'),
);
const commands = documents.flatMap((document) =>
  blocksOf(document)
    .filter(isShell)
    .flatMap(({ text, line }) => commandsOf(text).map((command) => ({ document, line, command }))),
);

/** What is wrong with a command of npm; undefined where another test runs it. */
function troubleOfNpm(command: string): string | undefined {
  const [, first = '', second = ''] = command.split(/\s+/);
  if (first === 'ci' || first === 'install') return undefined;
  const script = first === 'run' ? second : first;
  const workspace = / -w (\w+)/.exec(command)?.[1];
  const known = scriptsIn(workspace === undefined ? 'package.json' : `${workspace}/package.json`);
  if (!known.includes(script)) return `there is no script ${script}`;
  if (workspace !== undefined) return undefined;
  const words = script === 'test' ? (/ -- (.*)$/.exec(command)?.[1] ?? '').split(/[\s;]+/).filter(Boolean) : [];
  const strange = words.filter((word) => !testFiles.some((file) => file.includes(word)));
  if (strange.length > 0) return `no test is called ${strange.join()}`;
  return script in SCRIPTS ? undefined : `test/documents/plan.ts names no test that runs ${script}`;
}

/** Why nobody would notice that a command does not work; undefined where somebody would. */
function troubleOf(document: string, command: string): string | undefined {
  if (isRunInSession(document, command)) return undefined;
  if (EXCEPTIONS.some((exception) => exception.command.test(command))) {
    const missing = [...command.matchAll(/ -f (\S+\.ya?ml)/g)].flatMap(([, file = '']) =>
      existsSync(path.join(root, file)) ? [] : [file],
    );
    return missing.length === 0 ? undefined : `there is no ${missing.join()}`;
  }
  if (command.startsWith('npm ')) return troubleOfNpm(command);
  if (ELSEWHERE.some((elsewhere) => document.startsWith(elsewhere.documents))) return undefined;
  if (/^\.ci\/run$/.test(command)) return accessSync(path.join(root, command), constants.X_OK) ?? undefined;
  return 'no test runs it: test/documents/plan.ts';
}

describe('commands of the documents', withoutHistory, () => {
  it('are run by a test, each of them, or stand among the exceptions with a reason', () => {
    assert.ok(commands.length > 60, `${commands.length} commands`);
    const troubles = commands.flatMap(({ document, line, command }) => {
      const trouble = troubleOf(document, command);
      return trouble === undefined ? [] : [`${document}:${line}: ${command}: ${trouble}`];
    });
    assert.deepEqual(troubles, []);
  });

  it('are those that the plan speaks of, and the tests that it names are there', () => {
    for (const { command, why } of EXCEPTIONS) {
      assert.ok(
        commands.some((one) => command.test(one.command)),
        `${String(command)}, ${why}: nowhere`,
      );
    }
    for (const document of SESSIONS.flat()) {
      assert.ok(
        commands.some((one) => one.document === document),
        `${document} has no command`,
      );
    }
    for (const elsewhere of ELSEWHERE) {
      assert.ok(commands.some(({ document }) => document.startsWith(elsewhere.documents)));
      assert.ok(testFiles.some((file) => file.includes(elsewhere.shownBy)));
    }
    for (const [script, shownBy] of Object.entries(SCRIPTS)) {
      assert.ok(scriptsIn('package.json').includes(script), script);
      const isThere =
        shownBy === '.ci/run'
          ? new RegExp(`npm (run --silent )?${script}\\b`).test(readRepositoryFile(shownBy))
          : testFiles.some((file) => file.includes(shownBy));
      assert.ok(isThere, `${script} is not run by ${shownBy}`);
    }
  });
});

describe('what is taken for a command', () => {
  const cases: [string, string[]][] = [
    ['one\ntwo   # with a remark\n# a line of its own\nthree', ['one', 'two', 'three']],
    ['one \\\n  --with two\nthree', ['one \\\n  --with two', 'three']],
    ['one |\n  two &&\n  three\nfour', ['one |\n  two &&\n  three', 'four']],
    [`one -d '{\n  "a": "it\\n" }' # remark\ntwo`, [`one -d '{\n  "a": "it\\n" }'`, 'two']],
    ['one "a \\" # b\n c"\ntwo#3', ['one "a \\" # b\n c"', 'two#3']],
  ];
  for (const [block, expected] of cases) {
    it(JSON.stringify(block), () => assert.deepEqual(commandsOf(block), expected));
  }
});
