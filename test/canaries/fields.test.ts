import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import Type from 'typebox';
import { toSchema, type Schema } from '../../api/samples/sample.js';
import { createTestApi } from '../helpers/app.js';
import { createCanaries } from './canary.js';
import { fullAnswers } from './course.js';
import { fillFreely } from './fill.js';
import { questionsOf, type Question } from './operations.js';
import { searchText } from './search.js';

const { app, call } = await createTestApi();
after(() => app.close());
const description = toSchema((await call('GET', '/openapi.json', { key: null })).body);

const ask = (described: Schema): { filled: Set<string>; questions: Question[] } => {
  const filled = new Set<string>();
  return { filled, questions: questionsOf(described, { canaries: createCanaries(), filled }) };
};

test('each field of each input of the API that takes words gets a canary', () => {
  const { filled, questions } = ask(description);
  assert.ok(filled.size > 400);
  for (const field of [
    ...['handInScores.json.comment', 'handInScores.json.lineItem.label', 'handInScores.line.userId'],
    ...['recordLaunch.json.idToken.user.name', 'startBackfill.csv.comment', 'listScores.query.userId'],
    ...[
      'createWebhookSource.json.mapping.student',
      'tieReference.path.reference',
      'retryScores.header.idempotency-key',
    ],
  ]) {
    assert.ok(filled.has(field), field);
  }
  const operations = Object.values(toSchema(description['paths'])).flatMap((path) => Object.values(toSchema(path)));
  const ids = operations.map((operation) => String(toSchema(operation)['operationId']));
  const asked = new Set(questions.map(({ operation }) => operation));
  assert.deepEqual(
    ids.filter((id) => !asked.has(id)),
    ['isAlive', 'isReady'],
  );
});

test('each field of what LTIAAS answers gets one', () => {
  const canaries = createCanaries();
  const answers = JSON.stringify(fullAnswers(canaries));
  const found = [...new Set(searchText(answers, canaries).map(({ canary }) => canary.field))];
  const made = [...canaries.made, ...canaries.adopted].map(({ field }) => field);
  assert.deepEqual([...new Set(made)].toSorted(), found.toSorted());
  assert.ok(found.includes('Member.lisPersonSourcedId') && found.includes('Result.comment'));
});

test('a new field is noticed, wherever it stands', () => {
  const fresh = Type.Object({ nickname: Type.String() });
  const told = /nickname is a field without a canary: say in test\/canaries\/fields\.ts/;
  const operation = (parts: object): Schema => ({
    paths: { '/v1/new': { post: { operationId: 'makeNew', ...parts } } },
  });
  const body = {
    content: { 'application/json': { schema: { anyOf: [Type.Object({ reason: Type.String() }), Type.Array(fresh)] } } },
  };
  assert.throws(() => ask(operation({ requestBody: body })), told);
  const parameters = [{ in: 'query', name: 'nickname', schema: Type.String() }];
  assert.throws(() => ask(operation({ parameters })), told);
  assert.throws(() => fillFreely(toSchema(Type.Object({ deep: fresh })), ['Member'], createCanaries()), told);
  const grade = Type.Object({ bonus: Type.Number() });
  assert.throws(() => fillFreely(toSchema(grade), ['Result'], createCanaries()), /bonus is a field without a canary/);
});
