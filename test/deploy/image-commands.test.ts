import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { findFreePort } from '../../dev/machine/free-port.js';
import { createTestDatabase, eventually } from '../helpers/database.js';
import { readRepositoryFile } from '../helpers/repository.js';
import { createTestNamespace } from '../helpers/temporal.js';
import { readServices } from './compose-file.js';
import { findNoBuild, makeImageFolder } from './image-folder.js';

const commandOf = (name: string, file?: 'docker-compose.sandbox.yml'): string[] => {
  const command = readServices(file).find((service) => service.name === name)?.command ?? [];
  assert.equal(command[0], 'node', name);
  return command.slice(1);
};
const API = /^FROM \S+ AS programs$[^]+?^CMD \["node", "([^"]+)"\]$/m.exec(readRepositoryFile('Dockerfile'))?.[1] ?? '';

/** A program of the image, from /app as its folder, and how the image would look at its health. */
function start(t: TestContext, app: string, args: string[], env: Record<string, string>): () => Promise<number | null> {
  const child: ChildProcess = spawn(process.execPath, args, { cwd: app, env, stdio: ['ignore', 'ignore', 'inherit'] });
  const exited = once(child, 'exit');
  t.after(() => void child.kill('SIGKILL'));
  return async () => {
    child.kill('SIGTERM');
    await exited;
    return child.exitCode;
  };
}

async function isHealthy(app: string, args: string[], env: Record<string, string>): Promise<boolean> {
  // In place of /proc/1/cmdline, which begins with the container's own init.
  const commandLine = path.join(app, '..', 'cmdline');
  writeFileSync(commandLine, ['/sbin/docker-init', '--', 'node', ...args, ''].join('\0'));
  const check = spawn(process.execPath, ['check-health.mjs', commandLine], { cwd: app, env, stdio: 'inherit' });
  await once(check, 'exit');
  return check.exitCode === 0;
}

test(
  'the commands of the image run from an empty folder with its packages alone',
  { skip: findNoBuild() },
  async (t) => {
    const { app, remove } = makeImageFolder();
    t.after(remove);
    const listFolder = () =>
      readdirSync(app, { recursive: true }).filter((name) => !String(name).includes('node_modules'));
    const before = listFolder();
    const { db, url, appUrl } = await createTestDatabase(t);
    const { address, namespace } = await createTestNamespace();

    await db.raw('drop schema public cascade');
    await db.raw('create schema public');
    const migrated = spawnSync(process.execPath, commandOf('migrate'), {
      ...{ cwd: app, encoding: 'utf8', env: { DATABASE_URL: url } },
    });
    assert.equal(migrated.status, 0, migrated.stderr);
    assert.match(migrated.stdout, /^Applied: /);

    const [sandboxPort, apiPort, workerPort] = [await findFreePort(), await findFreePort(), await findFreePort()];
    const image = { NODE_ENV: 'production', NODE_OPTIONS: '--enable-source-maps', LOG_LEVEL: 'error' };
    const shared = {
      ...image,
      DATABASE_URL: appUrl,
      ENCRYPTION_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
      LTIAAS_URL: `http://127.0.0.1:${sandboxPort}`,
      LTIAAS_API_KEY: 'sandbox-api-key',
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: namespace,
      MIGRATE_ON_START: 'false',
    };
    const programs = [
      {
        args: commandOf('sandbox', 'docker-compose.sandbox.yml'),
        env: { ...image, SANDBOX_PORT: String(sandboxPort) },
      },
      { args: [API], env: { ...shared, PORT: String(apiPort) } },
      { args: commandOf('worker'), env: { ...shared, WORKER_HEALTH_PORT: String(workerPort) } },
    ];
    assert.equal(await isHealthy(app, [API], { PORT: String(apiPort) }), false, 'before anything runs');
    assert.equal(await isHealthy(app, commandOf('migrate'), {}), true, 'what serves nothing');
    const stops = programs.map(({ args, env }) => start(t, app, args, env));
    for (const { args, env } of programs) {
      await eventually(`${args.join()} is healthy`, () => isHealthy(app, args, env), 60_000);
    }
    for (const [number, stop] of stops.entries()) assert.equal(await stop(), 0, programs[number]?.args.join());
    assert.deepEqual(listFolder(), before, 'the root of a container cannot be written to');
  },
);
