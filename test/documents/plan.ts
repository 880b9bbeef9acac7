/** How each command of our documents is shown to work. */
import { commandsOf } from './shell.js';
import { blocksOf, type Block } from './markdown.js';

/**
 * Documents whose commands a test runs as they stand, on a Passback of its own: each list in one shell, one after the
 * other, as a reader would go on from one to the next.
 */
export const SESSIONS: readonly (readonly string[])[] = [
  ['README.md', 'docs/webhooks.md', 'docs/backfills.md', 'docs/reading-changes.md', 'docs/notices.md'],
  ['docs/quick-start.md'],
  ['docs/integrate.md', 'docs/story.md', 'docs/clients.md', 'docs/temporal-codec.md'],
];

interface Elsewhere {
  /** A document, or a folder of them. */
  documents: string;
  /** The test, as words of its path. */
  shownBy: string;
  why: string;
}

/** Documents whose commands are another test's. */
export const ELSEWHERE: readonly Elsewhere[] = [
  { documents: 'examples/', shownBy: 'examples/examples', why: 'runs the blocks of each page as they stand' },
  { documents: 'docs/backup.md', shownBy: 'chaos/restored', why: 'loses all, and follows the page' },
  {
    documents: 'docs/cli.md',
    shownBy: 'cli/documents',
    why: 'has the program take each line; others run each command',
  },
  { documents: 'cli/README.md', shownBy: 'cli/documents', why: 'the same' },
  {
    documents: 'docs/kubernetes.md',
    shownBy: 'deploy/chart.',
    why: 'a cluster is wanted; the chart is rendered, validated',
  },
];

/** The tests, as words of their paths, or the step of .ci/run, in which each script of package.json runs. */
export const SCRIPTS: Readonly<Record<string, string>> = {
  start: 'dev/run-main',
  dev: 'dev/run-main',
  api: 'dev/run-main',
  worker: 'dev/run-main',
  sandbox: 'dev/run-main',
  psql: 'dev/day',
  repl: 'dev/day',
  seed: 'dev/day',
  migrate: 'deploy/image-commands',
  'keys:rotate': 'vault/killed',
  'audit:verify': 'worker/verify-audit',
  licences: 'repository/supply-chain',
  sbom: 'repository/supply-chain',
  'lms-guide': 'repository/lms-guide',
  release: 'repository/release',
  chaos: 'chaos/chaos',
  build: '.ci/run',
  lint: '.ci/run',
  typecheck: '.ci/run',
  'format:check': '.ci/run',
  signatures: '.ci/run',
  test: '.ci/run',
};

interface Exception {
  command: RegExp;
  why: string;
}

/** What no test runs. */
export const EXCEPTIONS: readonly Exception[] = [
  { command: /^docker /, why: 'needs an engine; what it would start is tested by deploy/' },
  { command: /^npx @openapitools\//, why: 'a program of others, in Java' },
  { command: /^tail -f /, why: 'lasts' },
  { command: /^jq -c /, why: 'not on every machine; the members are those of e2e/logs' },
  { command: /^temporal worker deployment /, why: 'its ids are examples; run by e2e/versions-side-by-side' },
  { command: /deploy\/temporal\/create-search-attributes\.sh$/, why: 'needs a namespace; run by e2e/temporal-cloud' },
  { command: /^npm run (bench|fuzz)\b/, why: 'takes minutes; its parts have tests' },
];

/** What begins or ends a stack, or installs, is no part of a session. */
const OF_THE_REPOSITORY = /^(npm|npx|git|cd|\.ci\/)\b/;

export const isShell = ({ language }: Block): boolean => ['sh', 'bash', 'shell', 'console'].includes(language);

export const isRunInSession = (document: string, command: string): boolean =>
  SESSIONS.some((session) => session.includes(document)) &&
  !OF_THE_REPOSITORY.test(command) &&
  EXCEPTIONS.every((exception) => !exception.command.test(command));

/** The parts of a document's blocks that a session runs. */
export const scriptsOf = (document: string): string[] =>
  blocksOf(document)
    .filter(isShell)
    .map(({ text }) =>
      commandsOf(text)
        .filter((command) => isRunInSession(document, command))
        .join('\n'),
    )
    .filter((script) => script !== '');
