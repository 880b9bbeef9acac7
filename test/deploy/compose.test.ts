import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, it } from 'node:test';
import { readRepositoryFile, root } from '../helpers/repository.js';
import { COMPOSE_FILES, readServices } from './compose-file.js';

const services = readServices();
const own = services.filter(({ name }) => ['api', 'worker', 'migrate'].includes(name));
const named = (name: string) => {
  const found = services.find((service) => service.name === name);
  assert.ok(found, name);
  return found;
};

describe('the compose files', () => {
  it('follow the Compose specification', () => {
    const linter = path.join(root, 'node_modules', 'dclint', 'bin', 'dclint.cjs');
    const files = COMPOSE_FILES.map((file) => path.join(root, file));
    const { stdout } = spawnSync(process.execPath, [linter, '--formatter', 'compact', ...files], { encoding: 'utf8' });
    const complaints = stdout.split('\n').filter((line) => line.startsWith(root));
    // The linter's own taste for alphabetical order; services stand here in the order in which they start.
    assert.deepEqual(
      complaints.filter((line) => !line.includes('-order]')),
      [],
    );
    for (const file of files)
      assert.ok(
        complaints.some((line) => line.startsWith(file)),
        `${file} was looked at`,
      );
  });

  it('open ports on this machine alone', () => {
    const ports = COMPOSE_FILES.flatMap((file) => readServices(file).flatMap((service) => service.ports ?? []));
    assert.equal(ports.length, 5);
    for (const port of ports) assert.match(port, /^127\.0\.0\.1:\d+:\d+$/);
  });
});

describe('docker-compose.yml', () => {
  it('holds Postgres, Temporal with its jobs and UI, the migrations, API, proxy and worker', () => {
    assert.deepEqual(services.map(({ name }) => name).toSorted(), [
      ...['api', 'migrate', 'postgres', 'proxy'],
      ...['temporal', 'temporal-namespace', 'temporal-schema', 'temporal-ui', 'worker'],
    ]);
  });

  it('gives each service its own role of PostgreSQL, and the migrations no other secret', () => {
    const urlOf = (name: string) => named(name).variables.get('DATABASE_URL') ?? '';
    assert.match(urlOf('migrate'), /passback_owner:\$\{PASSBACK_OWNER_PASSWORD:\?/);
    for (const name of ['api', 'worker']) assert.match(urlOf(name), /passback_app:\$\{PASSBACK_APP_PASSWORD:\?/, name);
    assert.deepEqual([...named('migrate').variables.keys()], ['DATABASE_URL']);
    const holders = services.filter(({ variables }) =>
      [...variables.values()].some((value) => value?.includes('TEMPORAL_DB_PASSWORD')),
    );
    assert.deepEqual(holders.map(({ name }) => name).toSorted(), ['postgres', 'temporal', 'temporal-schema']);
  });

  it('has no secret of its own: each must be given', () => {
    const secret = /PASSWORD|PWD|ENCRYPTION_KEYS|BOOTSTRAP_API_KEY|LTIAAS_API_KEY|DATABASE_URL/;
    const secrets = services.flatMap(({ name, variables }) =>
      [...variables]
        .filter(([variable]) => secret.test(variable))
        .map(([variable, value]) => ({ name, variable, value })),
    );
    assert.ok(secrets.length >= 10);
    assert.deepEqual(
      secrets.filter(({ value }) => !/\$\{[A-Z_]+:\?/.test(value ?? '')),
      [],
    );
  });

  it('never sets a TEMPORAL_ variable to nothing', () => {
    const empty = own.flatMap(({ variables }) =>
      [...variables].filter(
        ([name, value]) => name.startsWith('TEMPORAL_') && value !== null && /:?-\}|^$/.test(value),
      ),
    );
    assert.deepEqual(empty, []);
  });

  it('gives who stops more time than what is under way gets', () => {
    const seconds = (text: string | undefined) => Number(/^(\d+) ?s$/.exec(text ?? '')?.[1]);
    const defaultOf = (name: string) =>
      seconds(new RegExp(`^# ${name}=(.*)$`, 'm').exec(readRepositoryFile('.env.example'))?.[1]);
    assert.ok(seconds(named('worker').stop_grace_period) >= defaultOf('WORKER_SHUTDOWN_GRACE') + 10);
    const delay = /:-(\d+ s)\}$/.exec(named('api').variables.get('API_SHUTDOWN_DELAY') ?? '')?.[1];
    // The proxy looks every second.
    assert.ok(seconds(delay) >= 2);
    assert.ok(seconds(named('api').stop_grace_period) >= seconds(delay) + 10);
  });

  it('bounds what each service takes, and lets ours and the proxy write nothing but what they are given', () => {
    for (const { name, deploy } of services) {
      assert.deepEqual(Object.keys(deploy?.resources.limits ?? {}).toSorted(), ['cpus', 'memory', 'pids'], name);
    }
    for (const { name, read_only, cap_drop } of [...own, named('proxy')]) {
      assert.deepEqual({ read_only, cap_drop }, { read_only: true, cap_drop: ['ALL'] }, name);
    }
    assert.deepEqual(named('api').volumes, ['spool:/spool']);
  });

  it('lets the API be several: it publishes no port, and the proxy believes nobody', () => {
    assert.equal(named('api').ports, undefined);
    assert.deepEqual(named('proxy').ports, ['127.0.0.1:3000:8080']);
    assert.equal(named('api').variables.get('TRUST_PROXY'), '${TRUST_PROXY:-1}');
  });
});

describe('temporal-elsewhere.yml', () => {
  const changed = readServices('deploy/compose/temporal-elsewhere.yml');

  it('leaves out all of our own Temporal, for which nobody waits then', () => {
    const left = changed.filter(({ profiles }) => profiles !== undefined).map(({ name }) => name);
    assert.deepEqual(
      left,
      services.map(({ name }) => name).filter((name) => name.startsWith('temporal')),
    );
    const staying = services.filter(({ name }) => !left.includes(name));
    for (const { name, depends_on = {} } of staying) {
      for (const [other, { required }] of Object.entries(depends_on)) {
        if (left.includes(other)) assert.equal(required, false, `${name} waits for ${other}`);
      }
    }
  });

  it('asks API and worker for an address, and mounts certificates for both where they are asked for', () => {
    for (const name of ['api', 'worker']) {
      const variables = changed.find((service) => service.name === name)?.variables;
      assert.match(variables?.get('TEMPORAL_ADDRESS') ?? '', /^\$\{TEMPORAL_ADDRESS:\?/, name);
      const certified = readServices('deploy/compose/temporal-certificates.yml').find(
        (service) => service.name === name,
      );
      for (const secret of certified?.secrets ?? []) {
        const paths = [...(certified?.variables.values() ?? [])];
        assert.ok(paths.includes(`/run/secrets/${secret}`), secret);
      }
      assert.equal(certified?.secrets?.length, 2);
    }
  });
});
