/** The examples of /openapi.json: one for each body and answer, and each as its schema says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { Compile } from 'typebox/compile';
import { at, createTestApi, textAt, type Json } from '../helpers/app.js';

const { call, app, adminKey } = await createTestApi();
const { body: document } = await call('GET', '/openapi.json', { key: null });

interface Operation {
  name: string;
  path: string;
  method: string;
  described: Json;
}

const entriesOf = (value: Json | undefined): [string, Json][] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];

const operations = entriesOf(at(document, 'paths')).flatMap(([path, methods]) =>
  entriesOf(methods).map(([method, described]): Operation => ({
    name: `${method.toUpperCase()} ${path}`,
    path,
    method,
    described,
  })),
);

/** With every `$ref` in its place. */
function resolved(schema: Json | undefined): unknown {
  const reference = at(schema, '$ref');
  if (typeof reference === 'string') return resolved(at(document, ...reference.replace('#/', '').split('/')));
  if (Array.isArray(schema)) return schema.map(resolved);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, resolved(value)]));
}

function faultsOf(media: Json): string[] {
  const validator = Compile(Object.assign({}, resolved(at(media, 'schema'))));
  const example = at(media, 'example');
  return validator.Errors(example).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

test('has an example for each body and each answer of JSON, as its schema says', () => {
  assert.ok(operations.length > 80);
  const faults: string[] = [];
  for (const { name, described } of operations) {
    const holders = [['body', at(described, 'requestBody')] as const, ...entriesOf(at(described, 'responses'))];
    for (const [place, holder] of holders) {
      for (const [type, media] of entriesOf(at(holder, 'content'))) {
        if (!type.includes('json') || type.includes('nd') || type.includes('jsonl')) continue;
        if (at(media, 'example') === undefined) faults.push(`${name} ${place} ${type}: none`);
        else faults.push(...faultsOf(media).map((fault) => `${name} ${place} ${type}: ${fault}`));
      }
    }
  }
  assert.deepEqual(faults, []);
});

test('has an example for each answer of CSV: a row of as many cells as the head', () => {
  const answers = operations.flatMap(({ name, described }) =>
    entriesOf(at(described, 'responses')).flatMap(([, answer]) => {
      const media = at(answer, 'content', 'text/csv');
      return media === undefined ? [] : [{ name, example: textAt(media, 'example') }];
    }),
  );
  assert.ok(answers.length >= 2);
  for (const { name, example } of answers) {
    // It throws where the rows differ in their number of cells.
    const rows = parse(example, { columns: true });
    assert.equal(rows.length, 1, name);
  }
});

test('is not refused for its form when an example of a body is sent', async () => {
  const refused: string[] = [];
  for (const { name, path, method, described } of operations) {
    const body = at(described, 'requestBody', 'content', 'application/json', 'example');
    if (body === undefined || path.startsWith('/v1/webhooks/')) continue;
    const parameters = at(described, 'parameters');
    const url = path.replaceAll(/\{(\w+)\}/g, (_all, parameter: string) => parameterOf(parameters, parameter));
    const answer = await app.inject({
      ...{ method: method.toUpperCase() as 'POST', url, payload: JSON.stringify(body) },
      headers: { 'content-type': 'application/json', authorization: `Bearer ${adminKey}` },
    });
    if (answer.statusCode === 400) refused.push(`${name} ${answer.body.slice(0, 300)}`);
  }
  assert.deepEqual(refused, []);
});

function parameterOf(parameters: Json | undefined, name: string): string {
  const found = Array.isArray(parameters) ? parameters.find((one) => at(one, 'name') === name) : undefined;
  return at(found, 'schema', 'format') === 'uuid' ? '3f0c9d5e-7a41-4a55-9d0e-0b1f6f3a2c11' : 'some-name';
}
