import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, it } from 'node:test';
import { keys } from '../../config/keys.js';
import { readRepositoryFile, root } from '../helpers/repository.js';
import { readServices } from './compose-file.js';

const services = readServices();
const own = services.filter(({ name }) => ['api', 'worker', 'migrate'].includes(name));

describe('docker-compose.yml', () => {
  it('follows the Compose specification', () => {
    const linter = path.join(root, 'node_modules', 'dclint', 'bin', 'dclint.cjs');
    const file = path.join(root, 'docker-compose.yml');
    const { stdout } = spawnSync(process.execPath, [linter, '--formatter', 'compact', file], { encoding: 'utf8' });
    const complaints = stdout.split('\n').filter((line) => line.startsWith(file));
    // The linter's own taste for alphabetical order; services stand here in the order in which they start.
    assert.deepEqual(
      complaints.filter((line) => !line.includes('-order]')),
      [],
    );
    assert.ok(complaints.length > 0, 'the linter has looked at it');
  });

  it('holds Postgres, Temporal with its jobs and UI, the migrations, API and worker', () => {
    assert.deepEqual(services.map(({ name }) => name).sort(), [
      'api',
      'migrate',
      'postgres',
      'temporal',
      'temporal-namespace',
      'temporal-schema',
      'temporal-ui',
      'worker',
    ]);
  });

  it('sets no variable of ours that the configuration does not read', () => {
    // Read by Temporal's own loader, as in any Temporal client, and by OpenTelemetry's exporter.
    const ofOtel = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_TRACES_EXPORTER'];
    const ofTls = /^TEMPORAL_TLS(_SERVER_NAME|_SERVER_CA_CERT_DATA|_CLIENT_CERT_DATA|_CLIENT_KEY_DATA)?$/;
    const explained = new Set([...Object.keys(keys), 'TEMPORAL_API_KEY', ...ofOtel]);
    assert.equal(own.length, 3);
    for (const { name, variables } of own) {
      assert.ok(variables.size > (name === 'migrate' ? 0 : 5), name);
      assert.deepEqual(
        [...variables.keys()].filter((variable) => !explained.has(variable) && !ofTls.test(variable)),
        [],
        name,
      );
    }
  });

  it('gives API and worker all that they require', () => {
    const required = ['DATABASE_URL', 'ENCRYPTION_KEYS', 'LTIAAS_URL', 'LTIAAS_API_KEY', 'TEMPORAL_ADDRESS'];
    for (const { name, variables } of own.filter((service) => service.name !== 'migrate')) {
      assert.deepEqual(
        required.filter((variable) => !variables.has(variable)),
        [],
        name,
      );
    }
  });

  it('gives each service its own role of PostgreSQL, and the migrations no other secret', () => {
    const urlOf = (wanted: string) => own.find(({ name }) => name === wanted)?.variables.get('DATABASE_URL') ?? '';
    assert.match(urlOf('migrate'), /passback_owner:\$\{PASSBACK_OWNER_PASSWORD:\?/);
    for (const name of ['api', 'worker']) assert.match(urlOf(name), /passback_app:\$\{PASSBACK_APP_PASSWORD:\?/, name);
    const migrate = own.find(({ name }) => name === 'migrate');
    assert.deepEqual([...(migrate?.variables.keys() ?? [])], ['DATABASE_URL']);
    const holders = services.filter(({ variables }) =>
      [...variables.values()].some((value) => value.includes('TEMPORAL_DB_PASSWORD')),
    );
    assert.deepEqual(holders.map(({ name }) => name).sort(), ['postgres', 'temporal', 'temporal-schema']);
  });

  it('has no secret of its own: each must be given', () => {
    const secrets = services.flatMap(({ name, variables }) =>
      [...variables]
        .filter(([variable]) =>
          /PASSWORD|PWD|ENCRYPTION_KEYS|BOOTSTRAP_API_KEY|LTIAAS_API_KEY|DATABASE_URL/.test(variable),
        )
        .map(([variable, value]) => ({ variable: `${name} ${variable}`, isGiven: /\$\{[A-Z_]+:\?/.test(value) })),
    );
    assert.ok(secrets.length >= 10);
    assert.deepEqual(
      secrets.filter(({ isGiven }) => !isGiven),
      [],
    );
  });

  it('never sets a TEMPORAL_ variable to nothing', () => {
    const empty = own.flatMap(({ variables }) =>
      [...variables].filter(([name, value]) => name.startsWith('TEMPORAL_') && /:?-\}|^['"]{2}$/.test(value)),
    );
    assert.deepEqual(empty, []);
  });

  it('gives a stopping worker more time than its calls under way get', () => {
    const grace = /# WORKER_SHUTDOWN_GRACE=(\d+) s/.exec(readRepositoryFile('.env.example'))?.[1];
    const worker = services.find(({ name }) => name === 'worker');
    const stop = /stop_grace_period: (\d+)s/.exec(worker?.lines.join('\n') ?? '')?.[1];
    assert.ok(Number(stop) >= Number(grace) + 10);
  });

  it('opens ports on this machine alone', () => {
    const ports = services.flatMap(({ lines }) => lines.filter((line) => /^ {6}- '?(?:[\d.]+:)?\d+:\d+'?$/.test(line)));
    assert.equal(ports.length, 2);
    for (const port of ports) assert.match(port, /'127\.0\.0\.1:/);
  });
});
