/** A Temporal that takes only clients with a certificate: API and worker show theirs, from files and from the environment. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { after, test } from 'node:test';
import { createServer } from 'node:tls';
import { findFreePort } from '../../dev/machine/free-port.js';
import { API_PROCESS_KEY, startApiProcess } from '../helpers/api-process.js';
import { eventually } from '../helpers/database.js';
import { appliedValues } from '../helpers/journal.js';
import { programArguments, root } from '../helpers/repository.js';
import { createRig } from '../helpers/rig.js';
import { startWorkerProcess } from '../helpers/worker-process.js';

const fixture = (name: string): string => path.join(root, 'test/worker/fixtures', `tls-${name}.pem`);
const read = (name: string): string => readFileSync(fixture(name), 'utf8');
const rig = await createRig({ withWorkers: false });
const TEMPORAL_ADDRESS = `localhost:${await serveTls(rig.temporal.address)}`;

/** TLS before a server without, for clients whose certificate our authority has signed; gives its port. */
async function serveTls(address: string): Promise<number> {
  const { hostname, port } = new URL(`tcp://${address}`);
  const options = { key: read('server-key'), cert: read('server'), ca: read('ca'), ALPNProtocols: ['h2'] };
  const server = createServer({ ...options, requestCert: true, rejectUnauthorized: true }, (socket) => {
    const behind = connect(Number(port), hostname);
    for (const [one, other] of [[socket, behind], [behind, socket]] as const) {
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  }); // prettier-ignore
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  after(() => server.close());
  const listening = server.address();
  return typeof listening === 'object' ? (listening?.port ?? 0) : 0;
}

const PATHS = {
  TEMPORAL_ADDRESS,
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: fixture('ca'),
  TEMPORAL_TLS_CLIENT_CERT_PATH: fixture('client'),
  TEMPORAL_TLS_CLIENT_KEY_PATH: fixture('client-key'),
};
const DATA = {
  TEMPORAL_ADDRESS,
  TEMPORAL_TLS_SERVER_CA_CERT_DATA: read('ca'),
  TEMPORAL_TLS_CLIENT_CERT_DATA: read('client'),
  TEMPORAL_TLS_CLIENT_KEY_DATA: read('client-key'),
};

test('a score goes from the API to the gradebook by a Temporal that asks both for their certificates', async () => {
  const course = await rig.createCourse({ students: 1 });
  const [id = ''] = course.columns;
  const [userId = ''] = course.students;
  const api = await startApiProcess(rig, await findFreePort(), DATA);
  await startWorkerProcess(rig, PATHS);
  const { platformId, contextId } = course;
  const answer = await fetch(`${api.url}/v1/scores`, {
    method: 'POST',
    headers: { authorization: `Bearer ${API_PROCESS_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ platformId, contextId, lineItem: { id }, userId, scoreGiven: 7, scoreMaximum: 10 }),
  });
  assert.equal(answer.status, 202, await answer.text());
  await eventually('it is there', async () => (await appliedValues(rig, course)).get(userId)?.at(-1) === 7, 30_000);
});

test(
  'a worker that shows no certificate ends, and says by which variables one is given',
  { timeout: 90_000 },
  async () => {
    const child = spawn(process.execPath, programArguments('worker/main.ts'), {
      env: {
        PATH: process.env['PATH'],
        ...{ DATABASE_URL: rig.dbUrl, LTIAAS_URL: rig.sandboxUrl, LTIAAS_API_KEY: 'test-key' },
        ENCRYPTION_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
        ...{ TEMPORAL_ADDRESS, TEMPORAL_TLS_SERVER_CA_CERT_PATH: fixture('ca') },
      },
    });
    after(() => void child.kill('SIGKILL'));
    let told = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (told += text));
    await once(child, 'exit');
    assert.equal(child.exitCode, 1, told);
    assert.match(told, /TEMPORAL_TLS/);
  },
);
