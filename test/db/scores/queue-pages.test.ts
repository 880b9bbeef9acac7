import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createQueue } from '../../../db/scores/queue.js';
import { createTestDatabase } from '../../helpers/database.js';
import { insertContext, insertLineItem, insertPlatform, insertScore } from '../../helpers/factories.js';

const PAST = '2026-01-01T00:00:00Z';

test('lists gates page by page, each once', async (t) => {
  const own = await createTestDatabase(t);
  for (let count = 0; count < 5; count += 1) {
    const { id: context } = await insertContext(own.db);
    const { id: lineItem } = await insertLineItem(own.db, { context });
    await insertScore(own.db, { context, lineItem, columns: { due_at: PAST } });
  }
  const seen: string[] = [];
  for (let after: string | null = null; ;) {
    const page = await createQueue(own.db).listUntended({ after, limit: 2 });
    seen.push(...page.map(({ gate }) => gate));
    after = page.at(-1)?.gate ?? null;
    if (page.length < 2) break;
  }
  assert.deepEqual([seen.length, new Set(seen).size], [5, 5]);
});

test('lists courses that want columns page by page, also where nobody is to be asked', async (t) => {
  const own = await createTestDatabase(t);
  const { deployment } = await insertPlatform(own.db);
  const contexts: string[] = [];
  for (let made = 0; made < 5; made += 1) {
    const { id: context } = await insertContext(own.db, { deployment });
    const { id: lineItem } = await insertLineItem(own.db, {
      context,
      columns: { line_item_id: null, resource_id: 'x' },
    });
    for (let score = 0; score < 3; score += 1) await insertScore(own.db, { context, lineItem });
    contexts.push(context);
  }
  await own.db('score_queue').update({ hold: 'wanted' });
  contexts.sort();
  await own.db('contexts').where({ id: contexts[1] }).update({ columns_sought_at: own.db.fn.now() });
  await own.db('contexts').where({ id: contexts[2] }).update({ parked_type: 'ToolRemoved', parked_at: PAST });
  const pages: string[][] = [];
  for (let after: string | null = null; ;) {
    const page = await createQueue(own.db).listWantingColumns({ after, limit: 2 });
    pages.push(page.courses.map(({ context }) => context));
    after = page.after;
    if (after === null) break;
  }
  assert.deepEqual(pages, [[contexts[0]], [contexts[3]], [contexts[4]]]);
});
