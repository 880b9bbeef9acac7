import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import { at, problemOf, textAt, type Json } from '../../helpers/app.js';
import { createBackfillApi, HEAD, rowOf } from '../../helpers/backfill-api.js';

const { db, call, upload, uploadBytes, previewOf } = await createBackfillApi();

test('refuses the one line that was cut within a letter, wherever it stands in a file of UTF-8', async () => {
  const cut = Buffer.concat([Buffer.from(`${rowOf('cut', 4)},M`), Buffer.from([0xc3]), Buffer.from('\n')]);
  const before = Buffer.from(`${HEAD},comment\n`);
  const { id, problems } = await previewOf(
    await uploadBytes(Buffer.concat([before, cut, Buffer.from(`${rowOf('a', 3)},Müller\n`)])),
  );
  assert.deepEqual([at(problems, 0, 'line'), at(problems, 1)], [2, undefined]);
  assert.deepEqual(await commentsOf(id), ['Müller']);
  assert.equal(at((await call('GET', `/v1/backfills/${id}`)).body, 'upload', 'encoding'), 'utf-8');
});

test('reads decimal commas where all of the file has them, and refuses what can be thousands', async () => {
  for (const [mark, quote] of [
    ['\t', ''],
    [';', ''],
    [',', '"'],
  ] as const) {
    const rows = ['7,5', '0,125', '1,250', '1.250', '8'].map((given, n) =>
      ['lms', 'bio', 'https://lms.example/quiz', `u${n}`, `${quote}${given}${quote}`, '10'].join(mark),
    );
    const { problems, changes } = await previewOf(await upload([HEAD.replaceAll(',', mark), ...rows, ''].join('\n')));
    assert.deepEqual([at(problems, 0, 'line'), at(problems, 1, 'line'), at(problems, 2)], [4, 5, undefined]);
    assert.match(textAt(problems, 0, 'detail'), /thousands/);
    const given = [0, 1, 2].map((place) => at(changes, place, 'after', 'scoreGiven'));
    assert.deepEqual(given, [7.5, 0.125, 8]);
  }
});

test('refuses decimal commas in a file that has decimal points as well', async () => {
  const { problems, kinds } = await previewOf(
    await upload([HEAD, rowOf('a', '"7,5"'), rowOf('b', 7.5), ''].join('\n')),
  );
  assert.deepEqual([at(problems, 0, 'line'), at(problems, 1)], [2, undefined]);
  assert.deepEqual(kinds, { given: 1 });
});

test('reads rows without their last cells, rows of separators only, and a head with a line end in it', async () => {
  const head = '"platform\r\nId",contextId,lineItemId,userId,scoreGiven,scoreMaximum,comment';
  const file = [head, 'lms,bio,q,a,3,10', ',,,,,,', 'lms,bio,q,b,4', 'lms,bio,q,c', ''].join('\r\n');
  const { problems, kinds } = await previewOf(await upload(file));
  const lines = (Array.isArray(problems) ? problems : []).map((problem) => [at(problem, 'line'), at(problem, 'type')]);
  assert.deepEqual(lines, [
    [5, 'scoreMaximumMissing'],
    [6, 'malformed-line'],
  ]);
  assert.deepEqual(kinds, { given: 1, refused: 1 });
});

test('reads a file whose lines end in returns alone, and refuses line ends that it cannot know', async () => {
  const file = [`${HEAD},Teacher`, `${rowOf('a', 3)},Ada`, `${rowOf('b', 4)},Bo`, ''];
  const { id, kinds } = await previewOf(await upload(file.join('\r')));
  assert.deepEqual(kinds, { given: 2 });
  assert.deepEqual(at((await call('GET', `/v1/backfills/${id}`)).body, 'upload', 'ignoredColumns'), ['Teacher']);
  for (const end of ['\u2028', '\u0085', '\v', '\f']) {
    const refused = await upload(file.join(end));
    assert.deepEqual([refused.status, problemOf(refused.body)], [422, 'invalid-file']);
    assert.doesNotMatch(refused.text, /Ada/);
  }
});

test('does not show as ignored columns what can be of a student', async () => {
  const { id } = await previewOf(
    await upload(`${HEAD},Teacher,ada@example.edu,4711,${'x'.repeat(200)}\n${rowOf('a', 3)},,,,\n`),
  );
  assert.deepEqual(at((await call('GET', `/v1/backfills/${id}`)).body, 'upload', 'ignoredColumns'), [
    ...['Teacher', 'column 8', 'column 9', 'column 10'],
  ]);
});

test('refuses a cell of nine megabytes, in one line or in many, by its line', async () => {
  const wide = 'x'.repeat(9_000_000);
  const many = `${'x'.repeat(900)}\n`.repeat(10_000);
  const file = [`${HEAD},comment`, `${rowOf('a', 1)},${wide}`, `${rowOf('b', 2)},ok`, `${rowOf(wide, 3)},`, ''];
  const { problems, kinds } = await previewOf(await upload(file.join('\n')));
  const lines = (Array.isArray(problems) ? problems : []).map((problem) => [at(problem, 'line'), at(problem, 'type')]);
  assert.deepEqual(lines, [
    [2, 'line-too-long'],
    [4, 'line-too-long'],
  ]);
  assert.deepEqual(kinds, { given: 1 });
  const first = await upload([`${HEAD},${wide}`, rowOf('a', 1), ''].join('\n'));
  assert.deepEqual([first.status, problemOf(first.body)], [422, 'invalid-file']);
  const long = await upload([`${HEAD},comment`, `${rowOf('a', 1)},"${many}"`, `${rowOf('b', 2)},ok`, ''].join('\n'));
  assert.equal(long.status, 202);
});

test('takes its own list of changes as it is, without the guards against formulas', async () => {
  const users = ['-aBc', "'-aBc", '=1+1', "'tis", '@x', "''=y", '-2+3+cmd|x', '-5', '-7.25'];
  const clearing = 'lms,bio,https://lms.example/quiz,gone,,10,true';
  const rows = users.map((user, n) => `${rowOf(user, n + 0.5)},`);
  const first = await previewOf(await upload([`${HEAD},clear`, ...rows, clearing, ''].join('\n')));
  const { text } = await call('GET', `/v1/backfills/${first.id}/changes?format=csv`);
  assert.match(text, /,'-aBc,/);
  assert.match(text, /,'-2\+3\+cmd\|x,/);
  assert.match(text, /,-5,/);
  const again = await previewOf(await upload(text));
  assert.deepEqual(again.problems, []);
  const outline = (changes: Json): unknown[] =>
    (Array.isArray(changes) ? changes : []).map((change: Json) => [
      ...[at(change, 'line'), at(change, 'userId'), at(change, 'after'), at(change, 'kind'), at(change, 'lineItem')],
    ]);
  assert.equal(outline(first.changes).length, users.length + 1);
  assert.deepEqual(outline(again.changes), outline(first.changes));
  // In a file of somebody else an apostrophe is one.
  const { changes } = await previewOf(await upload([HEAD, rowOf("'-aBc", 1), ''].join('\n')));
  assert.equal(at(changes, 0, 'userId'), "'-aBc");
});

async function commentsOf(backfill: string): Promise<(string | null)[]> {
  const rows = await queryRows<{ comment: string | null }>(
    db,
    `select more ->> 'comment' as comment from backfill_items where backfill = ? order by line`,
    [backfill],
  );
  return rows.map(({ comment }) => comment);
}
