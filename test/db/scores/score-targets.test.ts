import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLineItems } from '../../../db/courses/line-items.js';
import { queryRows } from '../../../db/server/knex.js';
import { resolveTargets, type ColumnName, type ResolvedTarget } from '../../../db/scores/score-targets.js';
import { createTestDatabase } from '../../helpers/database.js';
import { insertContext, insertDeployment, insertLineItem, insertPlatform } from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const platform = await insertPlatform(db, { platformId: 'p1', deploymentId: 'd1' });
const context = await insertContext(db, { deployment: platform.deployment, contextId: 'c1' });

const resolveOne = async (
  lineItem: ColumnName,
  place: { platformId?: string; deploymentId?: string; contextId?: string } = {},
  platforms: readonly string[] | null = null,
): Promise<ResolvedTarget | undefined> => {
  const target = { platformId: 'p1', contextId: 'c1', ...place, platforms, lineItem };
  return (await resolveTargets(db, [target]))[0];
};

function lineItemOf(target: ResolvedTarget | undefined): string {
  assert.ok(target && 'lineItem' in target, JSON.stringify(target));
  return target.lineItem;
}

const countColumns = async (): Promise<number> => (await queryRows(db, 'select id from line_items')).length;

const essay = { resourceId: 'essay', tag: 'final', label: 'Essay', scoreMaximum: 20 };

for (const [what, name] of [
  ['its id', { id: 'https://lms.example/line-items/7' }],
  ['its activity', { resourceLinkId: 'link-1' }],
  ['resource and tag', essay],
] satisfies [string, ColumnName][]) {
  test(`stores a column that is named by ${what} once, and gives the same one ever after`, async () => {
    const first = await resolveOne(name);
    assert.ok(first && 'context' in first);
    assert.deepEqual([first.context, first.deployment], [context.id, platform.deployment]);
    const before = await countColumns();
    assert.equal(lineItemOf(await resolveOne(name)), first.lineItem);
    assert.equal(await countColumns(), before);
  });
}

test('keeps what a column that is to be made needs', async () => {
  const id = lineItemOf(await resolveOne(essay));
  const rows = await queryRows(
    db,
    'select line_item_id, resource_id, tag, label, score_maximum from line_items where id = ?',
    [id],
  );
  const expected = { line_item_id: null, resource_id: 'essay', tag: 'final', label: 'Essay', score_maximum: 20 };
  assert.deepEqual(rows, [expected]);
});

test('tells columns of one resource apart by their tag, and none is a tag of its own', async () => {
  const untagged = { resourceId: essay.resourceId, label: essay.label, scoreMaximum: essay.scoreMaximum };
  const ids = [essay, { ...essay, tag: 'draft' }, untagged];
  const found = await Promise.all(ids.map(async (name) => lineItemOf(await resolveOne(name))));
  assert.equal(new Set(found).size, 3);
});

test('names by id, by activity and by resource lead to one column once the LMS has listed it', async () => {
  const item = { id: 'https://lms.example/line-items/9', resourceLinkId: 'link-9', resourceId: 'nine', tag: 'x' };
  const names: ColumnName[] = [
    { id: item.id },
    { resourceLinkId: 'link-9' },
    { resourceId: 'nine', tag: 'x', label: 'Nine', scoreMaximum: 10 },
  ];
  const before = await Promise.all(names.map(async (name) => lineItemOf(await resolveOne(name))));
  assert.equal(new Set(before).size, 3);
  await createLineItems(db).storeListed(context.id, [item]);
  const after = await Promise.all(names.map(async (name) => lineItemOf(await resolveOne(name))));
  assert.deepEqual(new Set(after), new Set([before[0]]));
});

test('a column that the LMS has comes before one of the same name that is only wanted', async () => {
  const columns = { resource_link_id: 'link-3' };
  await insertLineItem(db, { context: context.id, lineItemId: null, columns });
  const known = await insertLineItem(db, { context: context.id, columns });
  assert.equal(lineItemOf(await resolveOne({ resourceLinkId: 'link-3' })), known.id);
});

test('of several columns of one activity takes the one that is the activity’s own', async () => {
  const columns = { resource_link_id: 'link-2' };
  await insertLineItem(db, { context: context.id, columns: { ...columns, resource_id: 'extra' } });
  const plain = await insertLineItem(db, { context: context.id, columns });
  assert.equal(lineItemOf(await resolveOne({ resourceLinkId: 'link-2' })), plain.id);
});

test('two requests that name new columns at the same time bring one row for each', async () => {
  const names = Array.from({ length: 30 }, (_, place) => ({ ...essay, resourceId: `together-${place}` }));
  const before = await countColumns();
  const answers = await Promise.all(
    [names, names.toReversed(), names, names.toReversed()].map((wanted) =>
      resolveTargets(
        db,
        wanted.map((lineItem) => ({ platformId: 'p1', contextId: 'c1', platforms: null, lineItem })),
      ),
    ),
  );
  assert.equal(await countColumns(), before + 30);
  const [first = [], second = []] = answers.map((answer) => answer.map(lineItemOf));
  assert.deepEqual(first, second.toReversed());
});

test('names one column twice in one request and stores it once', async () => {
  const target = { platformId: 'p1', contextId: 'c1', platforms: null, lineItem: { resourceLinkId: 'twice' } };
  const [one, other] = await resolveTargets(db, [target, { ...target, deploymentId: 'd1' }]);
  assert.equal(lineItemOf(one), lineItemOf(other));
});

test('a platform that the caller may not see looks unknown, and one that it may see does not', async () => {
  const name = { id: 'https://lms.example/line-items/1' };
  const before = await countColumns();
  assert.deepEqual(await resolveOne(name, {}, ['p2']), { problem: 'unknownPlatform' });
  assert.deepEqual(await resolveOne(name, {}, []), { problem: 'unknownPlatform' });
  assert.equal(await countColumns(), before);
  assert.ok(lineItemOf(await resolveOne(name, {}, ['p2', 'p1'])));
});

for (const [place, problem] of [
  [{ platformId: 'nowhere' }, 'unknownPlatform'],
  [{ deploymentId: 'nowhere' }, 'unknownDeployment'],
  [{ contextId: 'nowhere' }, 'unknownContext'],
] as const) {
  test(`says ${problem} for ${JSON.stringify(place)} and stores nothing`, async () => {
    const before = await countColumns();
    assert.deepEqual(await resolveOne({ resourceLinkId: 'nothing' }, place), { problem });
    assert.equal(await countColumns(), before);
  });
}

test('asks for the deployment where a course id stands in several, and only there', async () => {
  const { id, deployment } = await insertPlatform(db, { platformId: 'p3', deploymentId: 'one' });
  const other = await insertDeployment(db, { platform: id, deploymentId: 'two' });
  const inOne = await insertContext(db, { deployment, contextId: 'same' });
  const inTwo = await insertContext(db, { deployment: other.id, contextId: 'same' });
  const single = await insertContext(db, { deployment: other.id, contextId: 'single' });
  const name = { resourceLinkId: 'link' };
  const place = { platformId: 'p3', contextId: 'same' };
  assert.deepEqual(await resolveOne(name, place), { problem: 'ambiguousDeployment' });
  const target = { ...place, platforms: null, lineItem: name };
  const [first, second, third] = await resolveTargets(db, [
    { ...target, deploymentId: 'one' },
    { ...target, deploymentId: 'two' },
    { ...target, contextId: 'single' },
  ]);
  assert.deepEqual(
    [first, second, third].map((target) => target && 'context' in target && target.context),
    [inOne.id, inTwo.id, single.id],
  );
});

test('answers in the order of the targets, the good beside the bad', async () => {
  const target = { platforms: null, lineItem: { id: 'https://lms.example/line-items/1' } };
  const answers = await resolveTargets(db, [
    { platformId: 'p1', contextId: 'nowhere', ...target },
    { platformId: 'p1', contextId: 'c1', ...target },
    { platformId: 'nowhere', contextId: 'c1', ...target },
    { platformId: 'p1', contextId: 'c1', ...target, platforms: ['p2'] },
  ]);
  assert.deepEqual(
    answers.map((answer) => ('problem' in answer ? answer.problem : 'found')),
    ['unknownContext', 'found', 'unknownPlatform', 'unknownPlatform'],
  );
});
