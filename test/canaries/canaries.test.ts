/**
 * Canaries: one in every field of every input, then a night with faults; afterwards they are looked for wherever Passback
 * leaves anything. What may stand where is in test/canaries/classes.ts, what stands in a field in test/canaries/fields.ts.
 */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { SEARCH_ATTRIBUTES, WORKFLOW_TYPES } from '../../workflows/names.js';
import { eventually } from '../helpers/database.js';
import { MAY_STAND, type CanaryClass, type Sink } from './classes.js';
import { findIds, openConsole } from './console.js';
import { launchCourse } from './course.js';
import { isLeak, plantInColumns, searchColumns } from './database.js';
import { correct, operate, prepare } from './deeds.js';
import { gradeCanary } from './fill.js';
import { handInScores, receiveEvents } from './intake.js';
import { giveWords, liveNight, readFullAnswers } from './night.js';
import { createPlants } from './plants.js';
import { searchText, type Sighting } from './search.js';
import { readSinks } from './sinks.js';
import { sweep } from './sweep.js';
import { createWorld } from './world.js';

const world = await createWorld();
const { canaries, rig } = world;
const made = await prepare(world);
await sweep(world);
const course = await launchCourse(world, 8);
await giveWords(world, course);
await handInScores(world, course);
const events = await receiveEvents(world, course);
await readFullAnswers(world);
const corrected = await correct(world, course);
await operate(world, course, events);
await liveNight(world, course);

const [ofAdmin, ofOther] = [await openConsole(world, world.adminKey), await openConsole(world, made.limitedKey)];
const ids = await findIds(world, course, { ...events, ...made, ...corrected });
const [shown, hidden] = [await ofAdmin(ids), await ofOther(ids)];
const pages = [hidden];
const sinks = readSinks(world, pages);
const plants = await createPlants(world, pages);
const SINKS = Object.keys(MAY_STAND).filter((name): name is Sink => name in MAY_STAND);

const tell = ({ canary, form, excerpt }: Sighting): string => `${canary.class} ${canary.field} (${form}): ${excerpt}`;

describe('no canary is found where it must not be', () => {
  for (const sink of SINKS) {
    it(`${sink}: ${MAY_STAND[sink].join(', ') || 'none'}`, async () => {
      const allowed: readonly CanaryClass[] = MAY_STAND[sink];
      const leaks = searchText(await sinks[sink](), canaries).filter(({ canary }) => !allowed.includes(canary.class));
      assert.deepEqual(leaks.map(tell), []);
    });
  }

  it('columns of the database: by their class', async () => {
    const leaks = (await searchColumns(rig.db, canaries)).filter(isLeak);
    assert.deepEqual(
      leaks.map((leak) => `${leak.column} (${leak.declared}): ${tell(leak)}`),
      [],
    );
  });
});

/** Of each input a field that is kept, so that the night has been what it was meant to be. */
const KEPT = [
  ...['LMS userId', 'LMS name', 'LMS email', 'LMS context.title', 'LMS resourceId', 'IdToken.launch.context.title'],
  ...[
    'Member.userId',
    'Member.email',
    'Member.roles',
    'LineItem.id',
    'LineItem.label',
    'message',
    'bodyReceived',
    'page',
  ],
  ...['scores comment', 'scores scoreGiven', 'scores label', 'who is not there', 'scores idempotency-key'],
  ...['webhook event id', 'webhook feedback', 'webhook grade', 'webhook source name', 'mapping label', 'reference'],
  ...['CSV comment', 'CSV who is not there', 'backfill author', 'backfill reason', 'source.comment', 'source userId'],
  ...['reason', 'name of a key', 'description of an endpoint', 'platform of the limited key'],
];
/** And what each sink shows of it, without anybody's words. */
const SHOWN: Readonly<Partial<Record<Sink, readonly string[]>>> = {
  'log of the API': ['"recordLaunch"', '"startBackfill"', '"erasePerson"', '"request failed"', '"code":"P0001"'],
  'log of the worker': [
    '"a batch ended"',
    '"a run ended"',
    '"a roster was read"',
    'was to store (P0001)',
    'could not be read',
  ],
  'log of PostgreSQL': ['insert_scores', 'record_outcomes'],
  // One for a bulk operation begins beyond 5,000 rows.
  'histories of Temporal': Object.values(WORKFLOW_TYPES).filter((type) => type !== 'bulkOperation'),
  'visibility of Temporal': Object.values(SEARCH_ATTRIBUTES),
  'schedules of Temporal': ['nightly-sync', 'paused by', 'reconcile'],
  'metrics of the API': ['passback_database_up 1'],
  'metrics of the worker': ['passback_score_outcomes_total{'],
  traces: ['"passback-api"', '"passback-worker"', 'POST /api/lineitems/{id}/scores', 'refreshRoster'],
  'errors of the API': ['person-erased', 'invalid-request', '401', '404', '500'],
  notices: ['scoreOutcome', '"rejected"', '"submitted"'],
  'URLs to LTIAAS': ['/api/idtoken', '/api/memberships', '/api/lineitems\n', '/scores?'],
};

describe('the night was such that something could have leaked', () => {
  it('fields of all inputs are kept', async () => {
    const kept = new Set((await searchColumns(rig.db, canaries)).map(({ canary }) => canary.field));
    assert.deepEqual(
      KEPT.filter((field) => !kept.has(field)),
      [],
    );
  });

  for (const sink of SINKS) {
    it(sink, async () => {
      const text = await sinks[sink]();
      const words = SHOWN[sink] ?? [];
      assert.deepEqual(
        words.filter((word) => !text.includes(word)),
        [],
      );
    });
  }
});

const FORMS: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text,
  base64: (text) => Buffer.from(`{"a":"${text}"}`).toString('base64'),
  hex: (text) => Buffer.from(text).toString('hex'),
};

describe('a leak is found', () => {
  for (const sink of SINKS) {
    it(sink, async () => {
      for (const [form, write] of Object.entries(FORMS)) {
        const text = canaries.make('secret', `planted in ${sink}`);
        await plants[sink](write(text));
        await eventually(`${form} in ${sink}`, async () =>
          searchText(await sinks[sink](), canaries).some(({ canary }) => canary.text === text),
        );
      }
    });
  }

  it('each column of the database', async () => {
    const trx = await rig.db.transaction();
    try {
      const planted = await plantInColumns(trx, (column) => ({
        text: canaries.make('databaseDetails', column),
        number: gradeCanary(canaries, column),
      }));
      const found = (await searchColumns(trx, canaries)).filter(({ column, canary }) => column === canary.field);
      assert.deepEqual([...new Set(found.map(({ column }) => column))].toSorted(), planted.toSorted());
    } finally {
      await trx.rollback();
    }
  });

  it('what a key is shown that may see it', () => {
    const classes = new Set(searchText(shown, canaries).map(({ canary }) => canary.class));
    for (const one of ['person', 'place', 'lmsWords', 'freeText'] as const) assert.ok(classes.has(one), one);
  });
});
after(async () => {
  await world.api.stop();
  await world.worker.signal('SIGTERM');
});
