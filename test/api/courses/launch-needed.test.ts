import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestApi } from '../../helpers/app.js';
import { insertContext, insertLineItem, insertScore } from '../../helpers/factories.js';

const { db, call } = await createTestApi();

test('lists the courses whose scores wait for a launch', async () => {
  const { id: context } = await insertContext(db);
  const { id: lineItem } = await insertLineItem(db, { context });
  const list = async (wanted: boolean): Promise<string> =>
    (await call('GET', `/v1/contexts?launchNeeded=${wanted}&limit=500`)).text;
  assert.ok(!(await list(true)).includes(context), 'nothing waits in it');
  await insertScore(db, { context, lineItem });
  assert.ok((await list(true)).includes(context));
  assert.ok(!(await list(false)).includes(context));
});
