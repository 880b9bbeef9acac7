import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import { builtinModules } from 'node:module';

const node = [...builtinModules, 'node:*'];
const ours = [
  'api',
  'activities',
  'config',
  'console',
  'db',
  'dev',
  'domain',
  'ltiaas',
  'sandbox',
  'worker',
  'workflows',
  'bench',
  'test',
];

/** Forbids, in one folder, imports of our other folders except those named, and of the packages named. */
function layer(folder, { mayImport = [], neverPackages = [], ignores = [], typeOnly = [] }) {
  const forbidden = ours.filter((name) => name !== folder && !mayImport.includes(name) && !typeOnly.includes(name));
  const patterns = [];
  if (forbidden.length > 0) {
    patterns.push({
      regex: `^(\\.\\./)+(${forbidden.join('|')})/`,
      message: `${folder}/ may import only: ${[folder, ...mayImport].join(', ')} (see AGENTS.md, layers).`,
    });
  }
  if (typeOnly.length > 0) {
    patterns.push({
      regex: `^(\\.\\./)+(${typeOnly.join('|')})/`,
      allowTypeImports: true,
      message: `${folder}/ may import ${typeOnly.join(', ')} as types only.`,
    });
  }
  if (neverPackages.length > 0) {
    patterns.push({ group: neverPackages, message: `Not a package for ${folder}/ (see AGENTS.md, layers).` });
  }
  return {
    files: [`${folder}/**/*.ts`],
    ignores,
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] },
  };
}

const ioPackages = ['knex', 'pg', 'fastify', 'pino', 'undici', '@temporalio/client', '@temporalio/worker'];

export default tseslint.config(
  { ignores: ['node_modules', 'dist', '.passback', 'coverage'] },
  js.configs.recommended,
  { files: ['**/*.ts'], extends: [...tseslint.configs.recommendedTypeChecked] },
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
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
  layer('domain', { neverPackages: [...node, ...ioPackages, '@temporalio/*'] }),
  layer('workflows', {
    mayImport: ['domain'],
    typeOnly: ['activities'],
    neverPackages: [...node, ...ioPackages, '@temporalio/activity', '@temporalio/testing'],
  }),
  layer('activities', { mayImport: ['domain'], neverPackages: [...ioPackages, '@temporalio/workflow'] }),
  layer('db', { mayImport: ['domain'], neverPackages: ['fastify', 'undici', '@temporalio/*'] }),
  layer('ltiaas', { mayImport: ['domain'], neverPackages: ['knex', 'pg', 'fastify', '@temporalio/*'] }),
  layer('config', { neverPackages: ['knex', 'pg', 'fastify', 'undici'] }),
  layer('api', {
    mayImport: ['domain'],
    neverPackages: ['knex', 'pg', 'undici', '@temporalio/*'],
    ignores: ['api/server.ts', 'api/workflow-client.ts'],
  }),
  {
    files: ['workflows/**/*.ts', 'domain/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', 'process', 'fetch', 'crypto', 'Buffer', 'setInterval'],
    },
  },
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
    files: ['dev/**/*.ts', 'bench/**/*.ts', 'test/run.ts', 'worker/migrate.ts', 'scripts/**/*.mjs'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
);
