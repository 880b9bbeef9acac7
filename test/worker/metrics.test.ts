import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../helpers/database.js';
import { createRig } from '../helpers/rig.js';

const rig = await createRig();

const valueOf = (text: string, name: string): number =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')
      .at(-1) ?? 0,
  );

test('a worker counts outcomes, times deliveries and calls, and names nobody', async () => {
  const course = await rig.createCourse({ family: 'canvas', students: 2 });
  const [id = ''] = course.columns;
  const scores = [...course.students, 'nobody-here'].map((userId) => ({ column: { id }, userId, scoreGiven: 7 }));
  await rig.accept(course, scores);
  await rig.send(course);
  const text = await eventually('all is counted', async () => {
    const now = await rig.metrics.text();
    return valueOf(now, 'passback_score_delivery_seconds_count') === 2 ? now : undefined;
  });
  assert.equal(valueOf(text, 'passback_score_outcomes_total{outcome="submitted",failure=""}'), 2, text);
  assert.match(text, /passback_score_outcomes_total\{outcome="rejected",failure="\w+"\} 1/);
  assert.ok(valueOf(text, 'passback_score_delivery_seconds_sum') > 0);
  const submits = 'operation="POST /api/lineitems/{id}/scores"';
  assert.equal(valueOf(text, `passback_ltiaas_call_duration_seconds_count{${submits},status="2xx"}`), 2, text);
  assert.equal(valueOf(text, `passback_ltiaas_call_duration_seconds_count{${submits},status="4xx"}`), 1);
  for (const name of [...course.students, 'nobody-here', course.platformId, course.contextId])
    assert.ok(!text.includes(name), name);
});
