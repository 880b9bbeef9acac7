/** `passback doctor` on an installation that is broken in each way in turn, for real. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXIT } from '../../cli/exit-codes.js';
import { findFreePort } from '../../dev/machine/free-port.js';
import { SEARCH_ATTRIBUTES, NIGHTLY_SCHEDULE_ID, SWEEP_SCHEDULE_ID } from '../../workflows/names.js';
import { API_PROCESS_KEY, startApiProcess } from '../helpers/api-process.js';
import { at, parseJson, textAt, type Json } from '../helpers/app.js';
import { eventually } from '../helpers/database.js';
import { endOfProgram } from '../helpers/end-of-program.js';
import { createRig } from '../helpers/rig.js';
import { startWorkerProcess } from '../helpers/worker-process.js';
import { runCli, type CliEnd, type CliOptions } from './run-cli.js';

const rig = await createRig({ withWorkers: false });
const api = await startApiProcess(rig, await findFreePort());
const env = { PASSBACK_URL: api.url, PASSBACK_API_KEY: API_PROCESS_KEY };

interface Told extends CliEnd {
  /** Of each check that is not ok: its state, and what is said. */
  troubles: Record<string, string>;
}

async function doctor(more: Record<string, string> = {}, options: Omit<CliOptions, 'env'> = {}): Promise<Told> {
  const end = await runCli(['doctor', '--json'], { env: { ...env, ...more }, ...options });
  const checks = at(parseJson(end.stdout), 'checks');
  const told = (Array.isArray(checks) ? checks : []).filter((check: Json) => at(check, 'state') !== 'ok');
  const troubles = Object.fromEntries(
    told.map((check) => [
      textAt(check, 'name'),
      `${textAt(check, 'state')}: ${textAt(check, 'says')} ${textAt(check, 'helps')}`,
    ]),
  );
  return { ...end, troubles };
}

/** The API looks once in a second; until a change is seen, what it said before holds. */
async function eventuallyTold(what: string, holds: (told: Told) => boolean): Promise<Told> {
  let told: Told | undefined;
  await eventually(what, async () => holds((told = await doctor())), 20_000);
  assert.ok(told);
  return told;
}

test('passback doctor', async (t) => {
  await t.test('names task queues that no worker serves, and schedules that nobody has made', async () => {
    const { code, troubles } = await doctor();
    assert.equal(code, EXIT.no);
    assert.match(troubles['queues'] ?? '', /^failed: No worker asks for work on .*passback-submit.* Start a worker/);
    assert.match(troubles['schedules'] ?? '', /^failed: Schedules are not in Temporal.*sweep.* Restart a worker/);
    assert.deepEqual(Object.keys(troubles).toSorted(), ['queues', 'schedules']);
  });

  // Here: what a step starts ends with it.
  await startWorkerProcess(rig);
  await t.test('finds nothing on one that is whole, and says what it stands on', async () => {
    const { code, troubles } = await eventuallyTold('all is well', (told) => Object.keys(told.troubles).length === 0);
    assert.deepEqual([code, troubles], [EXIT.done, {}]);
    const { stdout } = await runCli(['doctor'], { env });
    assert.match(stdout, /^ok +address +Passback answers at /m);
    assert.match(stdout, /^ok +database +PostgreSQL \d/m);
    assert.match(stdout, /^ok +versions +The API is Passback ([\d.]+), on Node .* This is passback \1\.$/m);
    assert.match(stdout, /All is well\.\n$/);
  });

  await t.test(
    'names a schedule that is paused, and counts that with --strict only; and one that is gone',
    async () => {
      const { schedule } = rig.client;
      await schedule.getHandle(NIGHTLY_SCHEDULE_ID).pause();
      const { code, troubles } = await eventuallyTold('it is paused', (told) => 'schedules' in told.troubles);
      assert.match(troubles['schedules'] ?? '', /^warning: A schedule is paused: nightly-sync\. .*unpause/);
      assert.equal(code, EXIT.done);
      assert.equal((await runCli(['doctor', '--strict'], { env })).code, EXIT.no);
      await schedule.getHandle(SWEEP_SCHEDULE_ID).delete();
      const gone = await eventuallyTold('it is gone', (told) => told.code === EXIT.no);
      assert.match(
        gone.troubles['schedules'] ?? '',
        /^failed: A schedule is not in Temporal.*: sweep\. Restart a worker/,
      );
    },
  );

  await t.test('names a search attribute that is missing', async () => {
    const { connection } = rig.client;
    const { namespace } = rig.temporal;
    await connection.operatorService.removeSearchAttributes({ namespace, searchAttributes: [SEARCH_ATTRIBUTES.run] });
    const { troubles } = await eventuallyTold('it is missing', (told) => 'searchAttributes' in told.troubles);
    assert.match(troubles['searchAttributes'] ?? '', /^failed: .*PassbackRun\. .*create-search-attributes\.sh/);
  });

  await t.test('names an API key that LTIAAS does not take', async () => {
    await rig.control.setApiKey('another-key');
    const { troubles } = await eventuallyTold('it is refused', (told) => 'ltiaas' in told.troubles);
    assert.match(troubles['ltiaas'] ?? '', /^failed: LTIAAS does not accept our API key\. Correct LTIAAS_API_KEY/);
    await rig.control.setApiKey('test-key');
  });

  await t.test('names keys that the ring of the API does not open', async () => {
    await rig.createCourse({ students: 1 });
    await rig.db('data_keys').whereNotNull('platform').update({ wrapped_by: 'lost' });
    const { troubles } = await eventuallyTold('it cannot be opened', (told) => 'keyRing' in told.troubles);
    assert.match(troubles['keyRing'] ?? '', /^failed: .*ENCRYPTION_KEYS lacks "lost"\. Give API and workers the key/);
  });

  await t.test('names LTIAAS and Temporal where neither can be reached, and what cannot be told then', async () => {
    await rig.db('data_keys').where({ wrapped_by: 'lost' }).update({ wrapped_by: 'test' });
    const nowhere = `127.0.0.1:${await findFreePort()}`;
    const lonely = await startApiProcess(rig, await findFreePort(), {
      ...{ TEMPORAL_ADDRESS: nowhere, LTIAAS_URL: `http://${nowhere}` },
    });
    const { code, troubles } = await doctor({ PASSBACK_URL: lonely.url });
    await lonely.kill();
    assert.equal(code, EXIT.no);
    assert.match(troubles['temporal'] ?? '', /^failed: Temporal cannot be reached.* TEMPORAL_ADDRESS/);
    assert.match(troubles['ltiaas'] ?? '', /^failed: LTIAAS cannot be reached\. Check LTIAAS_URL/);
    for (const name of ['queues', 'schedules', 'searchAttributes']) {
      assert.match(troubles[name] ?? '', /^unknown: Temporal cannot be asked/);
    }
  });

  await t.test('names a clock that is set wrong here', async () => {
    const late = await doctor({}, { now: () => new Date(Date.now() - 60_000) });
    assert.match(late.troubles['clockHere'] ?? '', /^warning: The clock here is (59|60|61) s behind .* NTP/);
    const ahead = await doctor({}, { now: () => new Date(Date.now() + 3_600_000) });
    assert.match(ahead.troubles['clockHere'] ?? '', /^failed: .* ahead of/);
  });

  await t.test('tells a key that is wrong from one that may not look, and from none', async () => {
    const wrong = await doctor({ PASSBACK_API_KEY: 'pb_live_wrong' });
    assert.equal(wrong.code, EXIT.key);
    assert.match(wrong.troubles['apiKey'] ?? '', /^failed: The API does not know this key, or it has ended/);
    const made = await runCli(['api-key', 'create', 'reader', '--scopes', 'read', '--reason', 'a test'], { env });
    const reader = await doctor({ PASSBACK_API_KEY: made.stdout.trim() });
    assert.match(reader.troubles['inside'] ?? '', /^unknown: This key may not look inside\. .*scope operate/);
    assert.equal(reader.code, EXIT.no);
    const none = await doctor({ PASSBACK_API_KEY: '' });
    assert.equal(none.code, EXIT.key);
    assert.match(none.troubles['apiKey'] ?? '', /^failed: No API key is given/);
  });

  await t.test('tells an address where nothing listens from one where something else does', async () => {
    const nowhere = await doctor({ PASSBACK_URL: `http://127.0.0.1:${await findFreePort()}` });
    assert.equal(nowhere.code, EXIT.unreachable);
    assert.match(nowhere.troubles['address'] ?? '', /nothing listens there\. .*says in its log why it does not start/);
    const other = await doctor({ PASSBACK_URL: rig.sandboxUrl });
    assert.equal(other.code, EXIT.unreachable);
    assert.match(other.troubles['address'] ?? '', /not Passback.* PASSBACK_URL/);
  });

  await t.test('is told nothing by an API with the wrong ring, which does not start and says why', async () => {
    const { code, output } = await endOfProgram('api/server.ts', {
      ...{ DATABASE_URL: rig.dbUrl, TEMPORAL_ADDRESS: rig.temporal.address },
      ENCRYPTION_KEYS: `other:${Buffer.alloc(32, 9).toString('base64')}`,
    });
    assert.notEqual(code, 0);
    assert.match(output, /ENCRYPTION_KEYS must have the key "test"/);
  });

  await t.test('names a database that is gone, though no key can be looked up then', async () => {
    const { rows } = await rig.db.raw<{ rows: { name: string }[] }>('select current_database() as name');
    const name = rows[0]?.name ?? '';
    // Superusers, such as the test, are let in.
    await rig.db.raw('alter database ?? with connection limit 0', [name]);
    await rig.db.raw('select pg_terminate_backend(pid) from pg_stat_activity where datname = ? and usename <> user', [
      name,
    ]);
    const { code, troubles } = await eventuallyTold('it is gone', (told) => 'database' in told.troubles);
    assert.notEqual(code, EXIT.done);
    assert.match(troubles['database'] ?? '', /^failed: .* database.* Check PostgreSQL,? (and )?DATABASE_URL/);
  });
});
