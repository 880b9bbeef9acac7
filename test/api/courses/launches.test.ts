import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import { at, createTestApi, textAt, problemOf, type Answer } from '../../helpers/app.js';
import { insertApiKey, insertScore } from '../../helpers/factories.js';

const api = await createTestApi();
const { db, call, syncs } = api;

interface TokenChange {
  context?: string | null;
  link?: string;
  serviceKey?: string | null;
  grades?: boolean;
  roster?: boolean;
  lineItemId?: string;
  iat?: number;
  platform?: Record<string, unknown>;
}

const HOUR = 3_600;
const now = Math.floor(Date.now() / 1_000);

function token(change: TokenChange = {}): Record<string, unknown> {
  const { context = 'course', link = 'link', serviceKey = 'key-1', grades = true, roster = true } = change;
  return {
    ...(change.iat !== undefined && { iat: change.iat }),
    user: { id: 'student', roles: [] },
    platform: { id: 'lms', deploymentId: 'd1', url: 'https://school.instructure.com', ...change.platform },
    launch: { ...(context !== null && { context: { id: context, title: 'Maths' } }), resourceLink: { id: link } },
    services: {
      assignmentAndGrades: { available: grades, ...(change.lineItemId && { lineItemId: change.lineItemId }) },
      namesAndRoles: { available: roster },
      ...(serviceKey !== null && { serviceKey }),
    },
  };
}

const launch = (change: TokenChange = {}): Promise<Answer> =>
  call('POST', '/v1/launches', { body: { idToken: token(change) } });

async function keyRow(
  context: string,
): Promise<{ launched_at: Date; rejected_at: Date | null; ciphertext: Buffer } | undefined> {
  const rows = await queryRows<{ launched_at: Date; rejected_at: Date | null; ciphertext: Buffer }>(
    db,
    'select k.* from service_keys k join contexts c on c.id = k.context where c.context_id = ?',
    [context],
  );
  return rows[0];
}

test('records a launch once: 201, then 200 when nothing changed', async () => {
  const first = await launch({ lineItemId: 'https://lms.example/columns/9', iat: now - HOUR });
  assert.equal(first.status, 201, first.text);
  assert.deepEqual(
    ['platformId', 'deploymentId', 'contextId', 'resourceLinkId', 'lineItemId', 'resumed'].map((name) =>
      at(first.body, name),
    ),
    ['lms', 'd1', 'course', 'link', 'https://lms.example/columns/9', 0],
  );
  assert.deepEqual(at(first.body, 'services'), { assignmentAndGrades: true, namesAndRoles: true });
  assert.equal(typeof at(first.body, 'context'), 'string');
  assert.equal(at(first.body, 'warnings'), undefined);
  const again = await launch({ lineItemId: 'https://lms.example/columns/9', iat: now - HOUR / 2 });
  assert.equal(again.status, 200, again.text);
  assert.equal(at(again.body, 'serviceKeyId'), at(first.body, 'serviceKeyId'));
  const row = await keyRow('course');
  assert.equal(row?.launched_at.getTime(), (now - HOUR / 2) * 1_000, 'the newer launch time is noted');
  assert.ok(!row?.ciphertext.includes('key-1'), 'the key is encrypted');
  const platforms = await queryRows<{ family: string; in_flight_max: number }>(
    db,
    'select p.family, f.in_flight_max from platforms p join deployments d on d.platform = p.id join gates f on f.id = d.gate',
  );
  assert.deepEqual(platforms, [{ family: 'canvas', in_flight_max: 4 }]);
});

test('never lets an older launch replace a newer key', async () => {
  await launch({ context: 'age', serviceKey: 'newer', iat: now - 100 });
  const before = await keyRow('age');
  const older = await launch({ context: 'age', serviceKey: 'older', iat: now - 200 });
  assert.equal(older.status, 200, older.text);
  assert.deepEqual((await keyRow('age'))?.ciphertext, before?.ciphertext);
  const equal = await launch({ context: 'age', serviceKey: 'equal', iat: now - 100 });
  assert.equal(equal.status, 201);
  assert.notDeepEqual((await keyRow('age'))?.ciphertext, before?.ciphertext);
});

test('does not believe a launch from the future', async () => {
  await launch({ context: 'future', serviceKey: 'future', iat: now + 5 * HOUR });
  const row = await keyRow('future');
  assert.ok(row && row.launched_at.getTime() <= Date.now());
});

test('lets go on what waited for a launch, and says how much', async () => {
  const first = await launch({ context: 'parked', serviceKey: 'dead', iat: now - HOUR });
  const context = textAt(first.body, 'context');
  await db.raw(
    `update contexts set parked_type = 'ServiceKeyRejected', parked_at = now(), parked_times = 3 where id = ?`,
    [context],
  );
  await db.raw(`update service_keys set rejected_at = now() where context = ?`, [context]);
  const [column] = await queryRows<{ id: string }>(
    db,
    `insert into line_items (context, line_item_id, parked_type, parked_at) values (?, 'x', 'LineItemNotFound', now()) returning id`,
    [context],
  );
  const lineItem = column?.id ?? '';
  await insertScore(db, { context, lineItem, columns: { not_before: new Date(Date.now() + 9e6) } });
  await insertScore(db, { context, lineItem, state: 'unknown' });
  await insertScore(db, { context, lineItem, state: 'submitted' });
  await insertScore(db, { context, lineItem, columns: { awaits_nightly: true } });
  syncs.length = 0;
  const answer = await launch({ context: 'parked', serviceKey: 'alive', iat: now });
  assert.equal(at(answer.body, 'resumed'), 2, answer.text);
  assert.ok(JSON.stringify(at(answer.body, 'workflows')).includes(`sync-context/${context}`), answer.text);
  assert.equal(syncs[0]?.trigger, 'launch');
  const [row] = await queryRows<{ parked_type: string | null; parked_times: number }>(
    db,
    'select * from contexts where id = ?',
    [context],
  );
  assert.deepEqual([row?.parked_type, row?.parked_times], [null, 0]);
  const [item] = await queryRows<{ parked_type: string | null }>(db, 'select * from line_items where id = ?', [
    lineItem,
  ]);
  assert.equal(item?.parked_type, null);
  const resting = await queryRows(db, `select 1 from scores where context = ? and not_before > now()`, [context]);
  assert.equal(resting.length, 0);
});

test('leaves rests alone that no launch ends', async () => {
  const first = await launch({ context: 'resting' });
  const context = textAt(first.body, 'context');
  const [column] = await queryRows<{ id: string }>(
    db,
    `insert into line_items (context, line_item_id) values (?, 'y') returning id`,
    [context],
  );
  await insertScore(db, { context, lineItem: column?.id ?? '', columns: { not_before: new Date(Date.now() + 9e6) } });
  const answer = await launch({ context: 'resting', serviceKey: 'another' });
  assert.equal(at(answer.body, 'resumed'), 0);
  assert.equal(
    (await queryRows(db, `select 1 from scores where context = ? and not_before > now()`, [context])).length,
    1,
  );
});

test('gives the wanted column of a link its id', async () => {
  await launch({ context: 'wanted', link: 'quiz' });
  await call('POST', '/v1/scores', {
    body: {
      platformId: 'lms',
      contextId: 'wanted',
      lineItem: { resourceLinkId: 'quiz' },
      userId: 'u',
      scoreGiven: 1,
      scoreMaximum: 1,
    },
  });
  const answer = await launch({ context: 'wanted', link: 'quiz', lineItemId: 'https://lms.example/columns/quiz' });
  assert.equal(answer.status, 201);
  const rows = await queryRows<{ line_item_id: string }>(
    db,
    `select l.line_item_id from line_items l join contexts c on c.id = l.context where c.context_id = 'wanted'`,
  );
  assert.deepEqual(rows, [{ line_item_id: 'https://lms.example/columns/quiz' }]);
});

test('warns about a launch that grants no grades', async () => {
  const none = await launch({ context: 'none', serviceKey: null, grades: false, roster: false });
  assert.equal(none.status, 201, none.text);
  assert.equal(at(none.body, 'serviceKeyId'), null);
  assert.deepEqual(at(none.body, 'services'), { assignmentAndGrades: false, namesAndRoles: false });
  assert.equal(problemOf(at(none.body, 'warnings', 0)), 'no-grade-service');
  const roster = await launch({ context: 'roster', serviceKey: 'r', grades: false });
  assert.notEqual(at(roster.body, 'serviceKeyId'), null);
  assert.equal(problemOf(at(roster.body, 'warnings', 0)), 'no-grade-service');
});

test('keeps a family that an operator has set', async () => {
  await launch({ context: 'family', platform: { id: 'custom', productFamilyCode: 'moodle' } });
  const [row] = await queryRows<{ id: string }>(
    db,
    `select id from platforms where platform_id = 'custom' and family = 'moodle'`,
  );
  const changed = await call('PATCH', `/v1/platforms/${row?.id}`, { body: { family: 'sakai', reason: 'it is one' } });
  assert.equal(changed.status, 200, changed.text);
  await launch({ context: 'family', platform: { id: 'custom', productFamilyCode: 'canvas' } });
  const after = await call('GET', `/v1/platforms/${row?.id}`);
  assert.deepEqual([at(after.body, 'family'), at(after.body, 'familySetBy')], ['sakai', 'operator']);
});

const bad: [string, unknown, number, string][] = [
  ['neither an ltik nor a token', {}, 400, 'invalid-request'],
  ['both', { ltik: 'x', idToken: token() }, 400, 'invalid-request'],
  ['a null ltik', { ltik: null }, 400, 'invalid-request'],
  ['a token that is text', { idToken: 'text' }, 400, 'invalid-request'],
  ['a token without platform', { idToken: { ...token(), platform: undefined } }, 422, 'invalid-id-token'],
  ['a token without context', { idToken: token({ context: null }) }, 422, 'launch-without-context'],
  ['an id with NUL', { idToken: token({ context: 'a\0b' }) }, 422, 'invalid-id-token'],
  ['an endless id', { idToken: token({ context: 'c'.repeat(2_000) }) }, 422, 'invalid-id-token'],
  ['no object', [], 400, 'invalid-request'],
];

for (const [description, body, status, type] of bad) {
  test(`refuses ${description}`, async () => {
    const answer = await call('POST', '/v1/launches', { body });
    assert.equal(answer.status, status, answer.text);
    assert.equal(problemOf(answer.body), type);
    if (status === 422) assert.match(textAt(answer.body, 'pointer'), /^\/idToken/);
  });
}

test('refuses launches of platforms that the key is not for', async () => {
  const { secret } = await insertApiKey(db, { scopes: ['launches:write'], platforms: ['another'] });
  const answer = await call('POST', '/v1/launches', { key: secret, body: { idToken: token() } });
  assert.equal(answer.status, 403);
});

test('records fifty launches of one new course at once, without a conflict', async () => {
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      launch({ context: 'rush', link: `link-${index % 5}`, platform: { id: 'rush' } }),
    ),
  );
  assert.deepEqual([...new Set(answers.map(({ status }) => status))].toSorted(), [200, 201], answers[0]?.text);
  const rows = await queryRows(
    db,
    `select 1 from service_keys k join contexts c on c.id = k.context where c.context_id = 'rush'`,
  );
  assert.equal(rows.length, 5);
});
