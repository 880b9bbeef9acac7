import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, createTestApi, problemOf, textAt, type Json } from '../../helpers/app.js';
import {
  insertApiKey,
  insertContext,
  insertLineItem,
  insertPlatform,
  insertScore,
  insertServiceKey,
} from '../../helpers/factories.js';

const { call, clock, db, metrics, sends, syncs } = await createTestApi();

/** A platform with a course, and a score in it that is due. */
async function createPlace() {
  const { id: platform, platform_id: platformId, deployment, gate } = await insertPlatform(db);
  const { id: context } = await insertContext(db, { deployment });
  await insertServiceKey(db, { context });
  const { id: lineItem } = await insertLineItem(db, { context });
  const { id: score } = await insertScore(db, { context, lineItem });
  return { platform, platformId, deployment, gate, context, score };
}
type Place = Awaited<ReturnType<typeof createPlace>>;

const KINDS = ['platform', 'deployment', 'context'] as const;
const SENTENCES = { platform: 'platform', deployment: 'deployment', context: 'course' } as const;
const pathOf = (kind: (typeof KINDS)[number], place: Place): string => `/v1/${kind}s/${place[kind]}`;

/** What shows it, besides the answer. */
async function shownOf(kind: (typeof KINDS)[number], place: Place): Promise<Json | undefined> {
  if (kind === 'context') return at((await call('GET', `/v1/contexts/${place.context}`)).body, 'paused');
  const { body } = await call('GET', `/v1/platforms/${place.platform}`);
  return kind === 'platform' ? at(body, 'paused') : at(body, 'deployments', 0, 'paused');
}

const findingsOf = async ({ platformId }: Place): Promise<unknown[]> => {
  const findings = at((await call('GET', '/v1/health/operations')).body, 'findings');
  const all = Array.isArray(findings) ? findings : [];
  return all
    .filter((one) => at(one, 'subject') === platformId && textAt(one, 'type').endsWith('aused'))
    .map((one) => at(one, 'sentence'));
};

for (const kind of KINDS) {
  test(`a ${kind} is paused and resumed, and shows it wherever one looks`, async () => {
    const place = await createPlace();
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const told = sends.length;
    const { status, body } = await call('POST', `${pathOf(kind, place)}/pause`, {
      body: { reason: 'wrong grades', until },
    });
    assert.deepEqual([status, at(body, 'id'), at(body, 'paused', 'reason')], [200, place[kind], 'wrong grades']);
    const shown = await shownOf(kind, place);
    assert.deepEqual(shown, at(body, 'paused'));
    assert.equal(new Date(textAt(shown, 'until')).toISOString(), until);
    assert.deepEqual(
      sends.slice(told).map(({ gate }) => gate),
      [place.gate],
    );

    const { body: score } = await call('GET', `/v1/scores/${place.score}`);
    assert.equal(at(score, 'waitingFor', 'reason'), `${kind}Paused`);
    assert.equal(
      at(score, 'waitingFor', 'sentence'),
      `Somebody paused its ${SENTENCES[kind]}: nothing is sent to it or read from it meanwhile. Their reason: “wrong grades”.`,
    );
    assert.equal(new Date(textAt(score, 'waitingFor', 'until')).toISOString(), until);
    const [finding] = await findingsOf(place);
    assert.match(String(finding), new RegExp(`${place.platformId} is paused by hand: “wrong grades”\\.$`));

    const resumed = await call('POST', `${pathOf(kind, place)}/resume`, { body: { reason: 'mended' } });
    assert.ok(resumed.status < 300);
    assert.deepEqual([at(resumed.body, 'id'), at(resumed.body, 'paused')], [place[kind], null]);
    assert.equal(await shownOf(kind, place), null);
    assert.equal(at((await call('GET', `/v1/scores/${place.score}`)).body, 'waitingFor', 'reason'), 'turn');
    assert.deepEqual([await findingsOf(place), sends.at(-1)?.gate], [[], place.gate]);
    const again = await call('POST', `${pathOf(kind, place)}/resume`, { body: { reason: 'sure' } });
    assert.deepEqual([again.status, at(again.body, 'paused')], [resumed.status, null]);

    const audited = await db('audit_entries').where({ subject: place[kind] }).orderBy('id').pluck<string[]>('action');
    assert.deepEqual(audited, [`${kind}s.pause`, `${kind}s.resume`, `${kind}s.resume`]);
  });

  test(`a pause of a ${kind} needs a reason, an end ahead, and a key that may`, async () => {
    const place = await createPlace();
    const pause = (body: unknown, key?: string) =>
      call('POST', `${pathOf(kind, place)}/pause`, { body, ...(key !== undefined && { key }) });
    const words = { reason: 'wrong grades' };
    for (const body of [
      ...[undefined, {}, { reason: '' }, { ...words, until: '2020-01-01T00:00:00Z' }, { ...words, until: 'tomorrow' }],
      ...[
        { ...words, untill: '2100-01-01T00:00:00Z' },
        { ...words, until: '2100-01-01T00:00:60Z' },
      ],
    ]) {
      assert.equal((await pause(body)).status, 400, JSON.stringify(body));
    }
    const { secret: reader } = await insertApiKey(db, { scopes: ['read'] });
    const { secret: stranger } = await insertApiKey(db, { platforms: ['elsewhere'] });
    assert.equal((await pause(words, reader)).status, 403);
    assert.equal(problemOf((await pause(words, stranger)).body), 'not-found');
    assert.equal(await shownOf(kind, place), null);
  });
}

test('pausing once more changes the reason and takes the end away', async () => {
  const place = await createPlace();
  const pause = (body: unknown) => call('POST', `${pathOf('context', place)}/pause`, { body });
  const first = await pause({ reason: 'one', until: '2100-01-01T00:00:00Z' });
  const second = await pause({ reason: 'two' });
  const [apiKeyId] = await db('audit_entries').where({ subject: place.context }).pluck<string[]>('api_key');
  assert.deepEqual(at(second.body, 'paused'), {
    ...{ reason: 'two', apiKeyId, since: at(first.body, 'paused', 'since'), until: null },
  });
});

test('a course that is resumed has its columns looked for again', async () => {
  const place = await createPlace();
  await call('POST', `${pathOf('context', place)}/pause`, { body: { reason: 'one' } });
  await call('POST', `${pathOf('context', place)}/resume`, { body: { reason: 'two' } });
  assert.deepEqual([syncs.at(-1)?.context, syncs.at(-1)?.lineItems], [place.context, true]);
});

test('nobody can ask for what would read from something paused', async () => {
  const place = await createPlace();
  const [key = ''] = await db('service_keys').where({ context: place.context }).pluck<string[]>('id');
  await call('POST', `${pathOf('platform', place)}/pause`, { body: { reason: 'one' } });
  const paths = [`/service-keys/${key}/check`, `/platforms/${place.platform}/roster-refresh`];
  for (const action of ['roster-refresh', 'reconcile']) paths.push(`/contexts/${place.context}/${action}`);
  for (const path of paths) {
    const { status, body } = await call('POST', `/v1${path}`, {
      body: path.includes('check') ? undefined : { reason: 'now' },
    });
    assert.deepEqual([status, problemOf(body)], [409, 'paused'], path);
    assert.match(textAt(body, 'detail'), /paused.*\.$/);
  }
  await call('POST', `${pathOf('platform', place)}/resume`, { body: { reason: 'two' } });
  assert.equal(
    (await call('POST', `/v1/contexts/${place.context}/reconcile`, { body: { reason: 'now' } })).status,
    202,
  );
});

test('courses that somebody paused are listed, with those of a paused platform', async () => {
  const [place, other] = [await createPlace(), await createPlace()];
  await call('POST', `${pathOf('platform', place)}/pause`, { body: { reason: 'one' } });
  const list = async (query: string) => {
    const contexts = at((await call('GET', `/v1/contexts?limit=500&${query}`)).body, 'contexts');
    return Array.isArray(contexts) ? contexts.map((context) => at(context, 'id')) : [];
  };
  const [paused, others] = [await list('paused=true'), await list('paused=false')];
  assert.deepEqual([paused.includes(place.context), paused.includes(other.context)], [true, false]);
  assert.deepEqual([others.includes(place.context), others.includes(other.context)], [false, true]);
});

test('metrics count what is paused', async () => {
  const place = await createPlace();
  for (const kind of KINDS) await call('POST', `${pathOf(kind, place)}/pause`, { body: { reason: 'counted' } });
  clock.now = () => new Date(Date.now() + 60_000);
  const lines = (await metrics()).split('\n');
  for (const kind of KINDS) {
    const count = lines.find((line) => line.startsWith(`passback_paused{kind="${kind}"}`))?.split(' ')[1];
    assert.ok(Number(count) >= 1, kind);
  }
});
