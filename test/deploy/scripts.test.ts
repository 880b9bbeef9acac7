import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createKnex } from '../../db/server/knex.js';
import { migrate } from '../../db/server/migrate.js';
import { startEmbeddedPostgres } from '../../dev/embedded-postgres.js';
import { root } from '../helpers/repository.js';

const script = (name: string) => path.join(root, 'deploy', name);

/** A program that notes how it was called, then does what `body` says. */
function fakeProgram(t: TestContext, name: string, body: string): { folder: string; calls: () => string[] } {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'passback-deploy-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const log = path.join(folder, 'calls');
  writeFileSync(log, '');
  const file = path.join(folder, name);
  writeFileSync(file, `#!/bin/sh\necho "$*" >> '${log}'\n${body}\n`);
  chmodSync(file, 0o755);
  return { folder, calls: () => readFileSync(log, 'utf8').trim().split('\n') };
}

function run(name: string, folder: string, env: NodeJS.ProcessEnv): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync('sh', [script(name)], {
    env: { PATH: `${folder}:/usr/bin:/bin`, ...env },
    encoding: 'utf8',
  });
  return { status, stderr };
}

describe('the deployment scripts', () => {
  it('are POSIX shell', () => {
    for (const name of ['temporal/setup-schema.sh', 'temporal/setup-namespace.sh', 'postgres/create-roles.sh']) {
      const { status, stderr } = spawnSync('sh', ['-n', script(name)], { encoding: 'utf8' });
      assert.equal(status, 0, `${name}: ${stderr}`);
      assert.match(readFileSync(script(name), 'utf8'), /^#!\/bin\/sh\n[^]*^set -eu$/m);
    }
  });
});

const withoutPsql =
  spawnSync('psql', ['--version'], { encoding: 'utf8' }).status === 0 ? false : 'psql is missing: postgresql-client';

describe('create-roles.sh', { skip: withoutPsql }, () => {
  it('makes roles that reach what is theirs, and a database that migrates under them', async (t) => {
    const dataDir = mkdtempSync(path.join(os.tmpdir(), 'passback-roles-'));
    chmodSync(dataDir, 0o755);
    const server = await startEmbeddedPostgres({ dataDir, fsync: false });
    t.after(async () => {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    });
    const { username, password, port } = new URL(server.url);
    const admin = createKnex({ url: server.url.replace(/passback$/, 'postgres'), poolMax: 1 });
    // What npm start makes by itself.
    await admin.raw('drop database passback');
    await admin.raw('drop role passback_app');
    const { status, stderr } = run('postgres/create-roles.sh', os.tmpdir(), {
      ...{ PGHOST: '127.0.0.1', PGPORT: port, PGPASSWORD: password, POSTGRES_USER: username },
      ...{ OWNER_PASSWORD: 'o', APP_PASSWORD: "a'b", METRICS_PASSWORD: 'm', TEMPORAL_DB_PASSWORD: 't' },
    });
    assert.equal(status, 0, stderr);
    const as = (role: string, secret: string) =>
      createKnex({ url: `postgres://${role}:${encodeURIComponent(secret)}@127.0.0.1:${port}/passback`, poolMax: 3 });
    const [owner, app, metrics, temporal] = [
      as('passback_owner', 'o'),
      as('passback_app', "a'b"),
      as('passback_metrics', 'm'),
      as('temporal', 't'),
    ];
    t.after(() => Promise.all([admin, owner, app, metrics, temporal].map((db) => db.destroy())));
    await assert.rejects(app.raw('select 1'), { code: '42501' });
    await migrate(owner);
    assert.deepEqual(await migrate(app), []);
    await app('platforms').select('id');
    await metrics('score_queue').select('score');
    await assert.rejects(metrics('scores').select('id'), { code: '42501' });
    await assert.rejects(temporal.raw('select 1'), { code: '42501' });
    const { rows } = await app.raw<{ rows: unknown[] }>('show log_error_verbosity');
    assert.deepEqual(rows, [{ log_error_verbosity: 'terse' }]);
  });
});

describe('setup-schema.sh', () => {
  const env = { SQL_HOST: 'postgres', SQL_USER: 'temporal', SQL_PASSWORD: 'secret' };

  it('creates and updates both databases, and shows the password to nobody', (t) => {
    const tool = fakeProgram(t, 'temporal-sql-tool', '');
    assert.equal(run('temporal/setup-schema.sh', tool.folder, env).status, 0);
    const steps = tool.calls().map((call) => call.replace('--plugin postgres12 --port 5432 --database ', ''));
    assert.deepEqual(steps, [
      'temporal create-database',
      'temporal setup-schema --version 0.0',
      'temporal update-schema --schema-name postgresql/v12/temporal',
      'temporal_visibility create-database',
      'temporal_visibility setup-schema --version 0.0',
      'temporal_visibility update-schema --schema-name postgresql/v12/visibility',
    ]);
    assert.ok(!tool.calls().join().includes('secret'));
  });

  it('fails when a step fails, and when it is not told where', (t) => {
    const tool = fakeProgram(t, 'temporal-sql-tool', 'exit 1');
    assert.notEqual(run('temporal/setup-schema.sh', tool.folder, env).status, 0);
    assert.equal(tool.calls().length, 1);
    assert.notEqual(run('temporal/setup-schema.sh', tool.folder, { SQL_HOST: 'postgres' }).status, 0);
  });
});

describe('setup-namespace.sh', () => {
  const env = { TEMPORAL_ADDRESS: 'temporal:7233', TEMPORAL_NAMESPACE: 'grades', PAUSE_SECONDS: '0' };

  it('creates a namespace that is not there, once the server is healthy', (t) => {
    const body = `case "$*" in
      *health*) [ "$(grep -c health "$(dirname "$0")/calls")" -ge 3 ];;
      *describe*) exit 1;;
    esac`;
    const cli = fakeProgram(t, 'temporal', body);
    assert.equal(run('temporal/setup-namespace.sh', cli.folder, env).status, 0);
    assert.deepEqual(cli.calls(), [
      ...Array.from({ length: 3 }, () => 'operator cluster health'),
      'operator namespace describe --namespace grades',
      'operator namespace create --namespace grades --retention 30d',
    ]);
  });

  it('leaves a namespace alone that is there', (t) => {
    const cli = fakeProgram(t, 'temporal', '');
    assert.equal(run('temporal/setup-namespace.sh', cli.folder, env).status, 0);
    assert.deepEqual(cli.calls(), ['operator cluster health', 'operator namespace describe --namespace grades']);
  });

  it('gives up after its attempts, and says on what', (t) => {
    const cli = fakeProgram(t, 'temporal', 'exit 1');
    const { status, stderr } = run('temporal/setup-namespace.sh', cli.folder, { ...env, ATTEMPTS: '4' });
    assert.notEqual(status, 0);
    assert.match(stderr, /gave up after 4 attempts: temporal operator cluster health/);
    assert.equal(cli.calls().length, 4);
  });
});
