import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../dev/embedded-postgres.js';
import { PortTakenError } from '../../dev/machine/free-port.js';
import { isRunning } from '../../dev/machine/operating-system-process.js';
import { LockHeldError } from '../../dev/machine/single-holder-lock.js';
import { findClusterPlace } from '../../dev/postgres/place.js';
import { type Fixture, spawnFixture } from './spawn-fixture.js';
import { tempFolder } from './temp-folder.js';
import { until } from './until.js';

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(text);
    return rows;
  } finally {
    await client.end();
  }
}

describe('embedded Postgres', () => {
  const dataDir = path.join(tempFolder({ after }), 'postgres');
  const start = (onProgress?: (text: string) => void) =>
    startEmbeddedPostgres({ dataDir, fsync: false, ...(onProgress ? { onProgress } : {}) });

  it('keeps its data, port and password between starts', async () => {
    const first = await start();
    await query(first.url, 'create table kept as select 7 as number');
    await first.stop();
    const second = await start();
    try {
      assert.equal(second.url, first.url);
      assert.deepEqual(await query(second.url, 'select number from kept'), [{ number: 7 }]);
    } finally {
      await second.stop();
    }
    assert.equal(isRunning(second.pid), false);
  });

  it('serves on loopback alone, in UTF-8, and to whoever knows the password', async () => {
    const server = await start();
    try {
      const names = ['server_encoding', 'listen_addresses', 'unix_socket_directories', 'max_connections'];
      const settings = await query(
        server.url,
        `select ${names.map((name) => `current_setting('${name}') as ${name}`).join(', ')}`,
      );
      assert.deepEqual(settings, [
        { server_encoding: 'UTF8', listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: '200' },
      ]);
      await assert.rejects(query(server.url.replace(/:[0-9a-f]{48}@/, ':guess@'), 'select 1'), { code: '28P01' });
      assert.equal(statSync(path.join(dataDir, 'password')).mode & 0o777, 0o600);
    } finally {
      await server.stop();
    }
  });

  it('takes another port when its own is taken, unless it must be that one', async () => {
    const port = Number(readFileSync(path.join(dataDir, 'port'), 'utf8'));
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve));
    try {
      await assert.rejects(startEmbeddedPostgres({ dataDir, fsync: false, port }), PortTakenError);
      const server = await start();
      await server.stop();
      assert.notEqual(server.port, port);
    } finally {
      squatter.close();
    }
  });

  it('refuses a second supervisor on the same folder, and leaves the first alone', async () => {
    const server = await start();
    try {
      await assert.rejects(start(), LockHeldError);
      assert.deepEqual(await query(server.url, 'select 1 as number'), [{ number: 1 }]);
    } finally {
      await server.stop();
    }
  });

  it('starts when the pid file names a process that is not Postgres', async () => {
    const { folder } = findClusterPlace(dataDir);
    writeFileSync(path.join(folder, 'postmaster.pid'), `${process.pid}\n${folder}\n0\n5432\n\n127.0.0.1\n0 0\nready\n`);
    const server = await start();
    await server.stop();
  });

  it('says when it has ended without being asked to', async () => {
    const server = await start();
    process.kill(server.pid, 'SIGKILL');
    await server.exited;
    const next = await start();
    await next.stop();
  });

  it('tells the reason when the programs are of another version than the data', async () => {
    const versionFile = path.join(findClusterPlace(dataDir).folder, 'PG_VERSION');
    const version = readFileSync(versionFile, 'utf8');
    writeFileSync(versionFile, '9\n');
    await assert.rejects(start(), /written by Postgres 9/);
    writeFileSync(versionFile, version);
  });
});

describe('embedded Postgres after a kill', () => {
  const dataDir = path.join(tempFolder({ after }), 'postgres');
  const acknowledged = (writer: Fixture) => writer.lines.filter((line) => /^\d+$/.test(line)).map(Number);

  async function writeForAWhile(writer: Fixture): Promise<number> {
    const line = await until('the server runs', () => writer.lines.find((text) => text.startsWith('postgres ')));
    await until('some rows are written', () => acknowledged(writer).length >= 200);
    return Number(line.split(' ')[1]);
  }

  async function assertHolds(writer: Fixture, url: string): Promise<void> {
    const rows = await query(url, 'select number from written');
    const present = new Set(rows.map((row) => row['number']));
    assert.ok(acknowledged(writer).length >= 200);
    assert.deepEqual(
      acknowledged(writer).filter((number) => !present.has(number)),
      [],
    );
    await query(url, 'drop table written');
  }

  it('stops the server of a killed supervisor and finds every acknowledged row', async (t) => {
    const writer = spawnFixture(t, 'postgres-writer.ts', [dataDir]);
    const pid = await writeForAWhile(writer);
    writer.child.kill('SIGKILL');
    await writer.ended;
    assert.equal(isRunning(pid), true);
    const told: string[] = [];
    const server = await startEmbeddedPostgres({ dataDir, onProgress: (text) => told.push(text) });
    t.after(() => server.stop());
    assert.equal(isRunning(pid), false);
    assert.ok(told.some((text) => text.includes(`process ${pid}`)));
    await assertHolds(writer, server.url);
  });

  it('comes up with every acknowledged row after supervisor and server were killed', async (t) => {
    const writer = spawnFixture(t, 'postgres-writer.ts', [dataDir]);
    const pid = await writeForAWhile(writer);
    writer.child.kill('SIGKILL');
    process.kill(pid, 'SIGKILL');
    await writer.ended;
    const server = await startEmbeddedPostgres({ dataDir });
    t.after(() => server.stop());
    await assertHolds(writer, server.url);
  });
});

describe('the place of the cluster', () => {
  it('is one that Postgres can reach, even when the data folder is closed to others', async (t) => {
    const closed = path.join(tempFolder(t), 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const dataDir = path.join(closed, 'postgres');
    const told: string[] = [];
    const server = await startEmbeddedPostgres({ dataDir, fsync: false, onProgress: (text) => told.push(text) });
    const { folder } = findClusterPlace(dataDir);
    t.after(async () => {
      await server.stop();
      // For root it lies outside the test's own folder.
      rmSync(path.dirname(folder), { recursive: true, force: true });
    });
    assert.deepEqual(await query(server.url, 'select 1 as number'), [{ number: 1 }]);
    assert.equal(
      told.some((text) => text.includes(folder)),
      process.getuid?.() === 0,
    );
  });

  it('never holds a half-made cluster', async (t) => {
    const dataDir = path.join(tempFolder(t), 'postgres');
    const draft = path.join(dataDir, 'draft-1');
    mkdirSync(draft, { recursive: true });
    writeFileSync(path.join(draft, 'PG_VERSION'), '18\n');
    const failing = { ...process.env, PG_BIN_DIR: '/nonexistent' };
    await assert.rejects(startEmbeddedPostgres({ dataDir, env: failing }), /PG_BIN_DIR/);
    const server = await startEmbeddedPostgres({ dataDir, fsync: false });
    await server.stop();
    assert.equal(existsSync(path.join(dataDir, 'cluster', 'PG_VERSION')), true);
    assert.deepEqual(
      readdirSync(dataDir).filter((name) => name.startsWith('draft')),
      [],
    );
  });
});
