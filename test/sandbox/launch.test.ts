/** A launch by a browser: LTIAAS sends it on to the tool with an ltik. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, parseJson } from '../helpers/app.js';
import { apiKey, createCaller, mustExist, startCourse } from './harness.js';

const follow = async (url: string, query: Record<string, string>): Promise<Response> =>
  fetch(`${url}/launch?${new URLSearchParams(query).toString()}`, { redirect: 'manual' });

test('sends the browser to the tool with an ltik, by which LTIAAS says who launched', async (t) => {
  const { url, context, students } = await startCourse(t, 'moodle');
  const student = mustExist(students[0]);
  const { contextId } = context;
  const tool = 'http://127.0.0.1:8081/quiz?theme=dark';
  const answer = await follow(url, { tool, contextId, userId: student, resourceLinkId: 'link-9' });
  assert.equal(answer.status, 302);
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  const there = new URL(mustExist(answer.headers.get('location') ?? undefined));
  const ltik = there.searchParams.get('ltik') ?? '';
  assert.equal(there.href, `${tool}&ltik=${ltik}`);
  const { text } = await createCaller(url, `LTIK-AUTH-V2 ${apiKey}:${ltik}`).call('GET', '/api/idtoken');
  const token = parseJson(text);
  assert.deepEqual(
    [at(token, 'user', 'id'), at(token, 'launch', 'context', 'id'), at(token, 'launch', 'resourceLink', 'id')],
    [student, contextId, 'link-9'],
  );
});

test('makes a new ltik each time', async (t) => {
  const { url, context } = await startCourse(t, 'canvas');
  const query = { tool: 'http://127.0.0.1:8081', contextId: context.contextId };
  const [one, other] = await Promise.all([follow(url, query), follow(url, query)]);
  assert.notEqual(one?.headers.get('location'), other?.headers.get('location'));
});

test('refuses what is no address of a tool, and who is not in the course', async (t) => {
  const { url, context } = await startCourse(t, 'canvas');
  const { contextId } = context;
  for (const tool of ['javascript:alert(1)', '/quiz', 'file:///etc/passwd'])
    assert.equal((await follow(url, { tool, contextId })).status, 400, tool);
  assert.equal((await follow(url, { contextId })).status, 400);
  const tool = 'https://tool.example/';
  assert.equal((await follow(url, { tool, contextId, userId: 'stranger' })).status, 404);
  assert.equal((await follow(url, { tool, contextId: 'none' })).status, 404);
});
