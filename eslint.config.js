import js from '@eslint/js';
import noUnsanitized from 'eslint-plugin-no-unsanitized';
import regexp from 'eslint-plugin-regexp';
import security from 'eslint-plugin-security';
import tseslint from 'typescript-eslint';
import { builtinModules } from 'node:module';

/** Every module of Node's own, with or without its prefix. */
const node = ['node:.+', ...builtinModules.filter((name) => !name.startsWith('_'))];
const temporal = '@temporalio/.+';
const ours = [
  'api',
  'activities',
  'cli',
  'client',
  'config',
  'console',
  'db',
  'dev',
  'domain',
  'examples',
  'ltiaas',
  'metrics',
  'sandbox',
  'scripts',
  'worker',
  'workflows',
  'bench',
  'test',
  'tool',
  'waking',
];

/** Programs: they wire the others together, and nobody imports them. */
const roots =
  '(api/server|worker/(main|migrate|rotate-keys)|(sandbox|bench|cli)/main|dev/(start|develop|psql|repl|seed|chart-tools))\\.js$|' +
  '^\\./(main|server|migrate|rotate-keys|start|develop|psql|repl|seed)\\.js$';

/**
 * Forbids, in one folder, imports of our other folders except those named, of programs, and of the packages named
 * (regular expressions of whole names). A later call for the same file replaces an earlier one.
 */
function layer(folder, { mayImport = [], neverPackages = [], files = [`${folder}/**/*.{ts,tsx}`], typeOnly = [] }) {
  const forbidden = ours.filter((name) => name !== folder && !mayImport.includes(name) && !typeOnly.includes(name));
  const patterns = [
    {
      regex: `^(\\.\\./)+(${forbidden.join('|')})/`,
      message: `${folder}/ may import only: ${[folder, ...mayImport].join(', ')} (see AGENTS.md, layers).`,
    },
    { regex: roots, message: 'A program is started, not imported.' },
  ];
  if (typeOnly.length > 0) {
    patterns.push({
      regex: `^(\\.\\./)+(${typeOnly.join('|')})/`,
      allowTypeImports: true,
      message: `${folder}/ may import ${typeOnly.join(', ')} as types only.`,
    });
  }
  if (neverPackages.length > 0) {
    // Anchored: `domain` is a module of Node's as well as a folder of ours.
    const regex = `^(${neverPackages.join('|')})(/|$)`;
    patterns.push({ regex, message: `Not a package for ${folder}/ (see AGENTS.md, layers).` });
  }
  return { files, rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] } };
}

const ioPackages = ['knex', 'pg', 'fastify', 'pino', 'undici', '@temporalio/client', '@temporalio/worker'];

const TYPESCRIPT = ['**/*.{ts,tsx}'];
const codeOnly = { skipBlankLines: true, skipComments: true };

/**
 * What a person from outside could make use of. Of the plugins only rules that found something here, or nothing at all,
 * are on: every `row[name]`, `readFile(path)` and `=== apiKey` is none of it (docs/supply-chain.md).
 */
const weaknesses = [
  {
    plugins: { regexp, security },
    rules: {
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      // What is read otherwise than it is run.
      'security/detect-bidi-characters': 'error',
      'security/detect-child-process': 'error',
      'security/detect-pseudoRandomBytes': 'error',
      // Patterns that do not mean what they say.
      'regexp/no-contradiction-with-assertion': 'error',
      'regexp/no-dupe-characters-character-class': 'error',
      'regexp/no-dupe-disjunctions': 'error',
      'regexp/no-empty-alternative': 'error',
      'regexp/no-misleading-capturing-group': 'error',
      'regexp/no-misleading-unicode-character': 'error',
      'regexp/no-useless-assertions': 'error',
      'regexp/no-super-linear-backtracking': 'error',
    },
  },
  {
    ignores: ['test/**'],
    rules: {
      'no-script-url': 'error',
      // Patterns that a long text keeps busy for minutes, and those that hold what somebody sent.
      'regexp/no-super-linear-move': 'error',
      'security/detect-non-literal-regexp': 'error',
    },
  },
  {
    files: ['console/**'],
    plugins: { 'no-unsanitized': noUnsanitized },
    rules: {
      'no-unsanitized/method': 'error',
      'no-unsanitized/property': 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
          message: 'Text from an LMS or a person is shown as text.',
        },
      ],
    },
  },
];

export default tseslint.config(
  { ignores: ['**/node_modules', '**/dist', '.passback', 'coverage'] },
  js.configs.recommended,
  { files: TYPESCRIPT, extends: [...tseslint.configs.recommendedTypeChecked] },
  {
    files: TYPESCRIPT,
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      // `import { type X }` is compiled to an import without names, which runs the module.
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['test', 'it', 'describe', 'suite'] },
          ],
        },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/require-await': 'off',
      'max-lines': ['error', { max: 250 }],
      'no-console': 'error',
    },
  },
  // What is long does more than one thing. Tests are scripts, and route files are lists of routes.
  {
    files: TYPESCRIPT,
    ignores: ['test/**'],
    rules: { 'max-lines-per-function': ['error', { max: 60, ...codeOnly }] },
  },
  { files: ['api/routes/*.ts'], rules: { 'max-lines-per-function': ['error', { max: 80, ...codeOnly }] } },
  ...weaknesses,
  layer('domain', { neverPackages: [...node, ...ioPackages, temporal] }),
  layer('workflows', {
    mayImport: ['domain'],
    typeOnly: ['activities'],
    neverPackages: [...node, ...ioPackages, '@temporalio/activity', '@temporalio/testing'],
  }),
  layer('activities', {
    mayImport: ['domain'],
    typeOnly: ['db', 'ltiaas', 'tool', 'waking'],
    neverPackages: [...ioPackages, '@temporalio/workflow'],
  }),
  layer('db', { mayImport: ['domain'], neverPackages: ['fastify', 'undici', temporal] }),
  layer('ltiaas', { mayImport: ['domain'], neverPackages: ['knex', 'pg', 'fastify', temporal] }),
  layer('waking', { mayImport: ['domain', 'workflows'], neverPackages: ['knex', 'pg', 'fastify', 'undici'] }),
  layer('tool', { mayImport: ['domain'], neverPackages: ['knex', 'pg', 'fastify', temporal] }),
  layer('metrics', { neverPackages: ['knex', 'pg', 'fastify', 'undici', temporal] }),
  layer('config', { neverPackages: ['knex', 'pg', 'fastify', 'undici'] }),
  layer('api', {
    mayImport: ['domain'],
    typeOnly: ['db', 'ltiaas', 'waking'],
    neverPackages: ['knex', 'pg', 'undici', temporal],
  }),
  layer('api', {
    files: ['api/temporal/**/*.ts'],
    mayImport: ['domain', 'waking', 'workflows'],
    neverPackages: ['knex', 'pg', 'undici', '@temporalio/(worker|workflow|activity)'],
  }),
  // It registers the console; nothing else of the API knows that there is one.
  layer('api', {
    files: ['api/app.ts'],
    mayImport: ['console', 'domain'],
    typeOnly: ['db', 'ltiaas', 'waking'],
    neverPackages: ['knex', 'pg', 'undici', temporal],
  }),
  // A client of the API: it reads answers by the API's own schemas, and knows no other value of it.
  layer('console', {
    mayImport: ['api', 'domain'],
    typeOnly: ['api(?!/schemas/)', 'db'],
    neverPackages: ['knex', 'pg', 'undici', temporal],
  }),
  layer('api', { files: ['api/server.ts'], mayImport: ['config', 'db', 'domain', 'ltiaas', 'metrics', 'waking'] }),
  layer('worker', {
    mayImport: ['activities', 'config', 'db', 'domain', 'ltiaas', 'metrics', 'tool', 'waking', 'workflows'],
  }),
  layer('sandbox', { neverPackages: ['knex', 'pg', temporal] }),
  // Runs wherever there is a fetch, with nothing beside it.
  layer('client', { neverPackages: ['[^.].*'] }),
  layer('cli', { mayImport: ['client'], neverPackages: [...ioPackages, temporal, 'typebox'] }),
  layer('dev', { mayImport: ['sandbox'] }),
  // What its programs say at their end may hold no secret of the configuration.
  layer('dev', { files: ['dev/run-stack.ts'], mayImport: ['config', 'sandbox'] }),
  // Its prompt opens what API and worker open, with their configuration.
  layer('dev', { files: ['dev/repl.ts'], mayImport: ['config', 'db', 'sandbox', 'waking'] }),
  // What writes documents reads what is true.
  layer('scripts', { mayImport: ['domain', 'ltiaas', 'sandbox'] }),
  layer('bench', { mayImport: ours.filter((name) => name !== 'test') }),
  {
    files: ['workflows/**/*.ts', 'domain/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', 'process', 'fetch', 'crypto', 'Buffer', 'setInterval'],
    },
  },
  {
    files: ['client/**/*.ts'],
    rules: { 'no-restricted-globals': ['error', 'process', 'Buffer', 'global', 'window', 'setImmediate'] },
  },
  // What a developer of a tool takes along: each stands alone, on packages.
  {
    files: ['examples/**/*.js'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^\\.', message: 'An example imports packages only.' }] },
      ],
    },
  },
  // What is published has the client as a package.
  {
    files: ['cli/**/*.ts'],
    ignores: ['cli/passback-client.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: 'ImportDeclaration[source.value=/client\\/index/]', message: 'Import it from passback-client.ts.' },
      ],
    },
  },
  // As long as the API is.
  { files: ['client/generated/*.ts'], rules: { 'max-lines': 'off' } },
  {
    files: ['domain/**/*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'The domain has no clock: take the instant as an argument.' },
        { object: 'Math', property: 'random', message: 'The domain has no randomness.' },
      ],
    },
  },
  {
    files: [
      'dev/**/*.ts',
      'bench/**/*.ts',
      'test/run.ts',
      'worker/{migrate,rotate-keys,verify-audit}.ts',
      'scripts/**/*.mjs',
    ],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(
        ['process', 'console', 'URL', 'fetch', 'AbortSignal', 'Buffer'].map((name) => [name, 'readonly']),
      ),
    },
  },
  {
    files: ['console/assets/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        ['document', 'location', 'window', 'fetch', 'DOMParser', 'getSelection', 'setTimeout', 'clearTimeout'].map(
          (name) => [name, 'readonly'],
        ),
      ),
    },
  },
);
