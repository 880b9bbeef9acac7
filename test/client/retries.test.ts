import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createClient, csv, isProblem, ndjson, NoAnswerError, ProblemError, type Client } from '../../client/index.js';
import { toProblem, type ProblemName } from '../../api/problems.js';
import { eventually } from '../helpers/database.js';
import { startScriptedServer, type ScriptedAnswer } from './scripted-server.js';

const server = await startScriptedServer();
const waits: number[] = [];
const wait = async (ms: number): Promise<void> => void waits.push(ms);

function connect(options: { retries?: number; timeoutMs?: number } = {}): Client {
  waits.length = 0;
  return createClient({ url: server.url, apiKey: 'key', wait, ...options });
}

function problem(name: ProblemName, headers: Record<string, string> = {}): ScriptedAnswer {
  const body = toProblem(name, 'In a test.');
  return { status: body.status, headers: { 'content-type': 'application/problem+json', ...headers }, body };
}

const reason = { reason: 'a test' };
const taken = { status: 202, body: { scores: [], accepted: 1 } };
const score = {
  platformId: 'lms',
  contextId: 'bio',
  userId: 'ada',
  scoreGiven: 1,
  scoreMaximum: 1,
  lineItem: { id: 'x' },
};
const keys = (): (string | string[] | undefined)[] => server.came.map(({ headers }) => headers['idempotency-key']);

describe('a call that may succeed later', () => {
  it('waits as long as it is told, by seconds or by a date', async () => {
    const date = new Date(Date.now() + 30_000).toUTCString();
    server.script(
      problem('too-many-requests', { 'retry-after': '7' }),
      problem('database-unavailable', { 'retry-after': date }),
    );
    await connect().whoami();
    assert.equal(server.came.length, 3);
    assert.equal(waits[0], 7_000);
    assert.ok((waits[1] ?? 0) > 25_000 && (waits[1] ?? 0) <= 30_000, waits.join());
  });

  it('waits longer each time where nobody says how long', async () => {
    server.script(...Array.from({ length: 4 }, () => problem('stopping')));
    await connect().whoami();
    assert.equal(waits.length, 4);
    for (const [n, ms] of waits.entries()) assert.ok(ms >= 250 * 2 ** n && ms <= 500 * 2 ** n, waits.join());
  });

  it('is told to the caller when it has been tried often enough', async () => {
    server.script(...Array.from({ length: 9 }, () => problem('database-unavailable')));
    await assert.rejects(connect({ retries: 2 }).whoami(), (error) => {
      assert.ok(isProblem(error, 'urn:passback:problem:database-unavailable'));
      return true;
    });
    assert.equal(server.came.length, 3);
  });

  it('is told at once where the wait would be a long one, with how long', async () => {
    server.script(problem('too-many-requests', { 'retry-after': '3600' }));
    await assert.rejects(connect().whoami(), (error) => {
      assert.ok(error instanceof ProblemError);
      assert.equal(error.retryAfterMs, 3_600_000);
      return true;
    });
    assert.deepEqual([server.came.length, waits], [1, []]);
  });

  it('is carried out once: all tries have one key, and each call has its own', async () => {
    const client = connect();
    server.script('cut', problem('idempotency-in-progress', { 'retry-after': '1' }), problem('stopping'), taken);
    assert.equal((await client.handInScores({ body: score })).accepted, 1);
    const [first, ...others] = keys();
    assert.match(String(first), /^[\da-f-]{36}$/);
    assert.deepEqual(others, [first, first, first]);
    server.script(taken);
    await client.handInScores({ body: score });
    assert.notEqual(keys()[0], first);
    server.script(taken);
    await client.handInScores({ body: score }, { idempotencyKey: 'of-mine' });
    assert.deepEqual(keys(), ['of-mine']);
  });

  it('comes again after a connection, a proxy or a time that failed', async () => {
    server.script('cut', { status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad</h1>' }, 'hang');
    await connect({ timeoutMs: 200 }).getContext({ id: 'x' });
    assert.equal(server.came.length, 4);
  });

  it('has deleted what the lost answer spoke of', async () => {
    server.script('cut', problem('not-found'));
    assert.equal(await connect().deleteNoticeEndpoint({ id: 'x', ...reason }), undefined);
    server.script(problem('not-found'));
    await assert.rejects(connect().deleteNoticeEndpoint({ id: 'x', ...reason }), ProblemError);
  });

  it('sends a file again that it still has, and a stream never', async () => {
    const backfill = { ...reason, author: 'me' };
    server.script(problem('stopping'), { status: 202, body: {} });
    await connect().startBackfill({ ...backfill, body: csv('a,b\n1,2\n') });
    assert.deepEqual(
      server.came.map(({ body, headers }) => [body, headers['content-type']]),
      [
        ['a,b\n1,2\n', 'text/csv'],
        ['a,b\n1,2\n', 'text/csv'],
      ],
    );
    assert.equal(keys()[0], keys()[1]);

    async function* rows(): AsyncGenerator<object> {
      yield { n: 1 };
      yield { n: 2 };
    }
    server.script(problem('stopping'));
    await assert.rejects(connect().startBackfill({ ...backfill, body: ndjson(rows()) }), ProblemError);
    assert.deepEqual(
      server.came.map(({ body }) => body),
      ['{"n":1}\n{"n":2}\n'],
    );
  });

  it('sends no key with lines to an operation that refuses it there', async () => {
    server.script({ status: 200, body: {} });
    await connect().importServiceKeys({ body: ndjson([{ platformId: 'lms' }]) });
    assert.deepEqual(keys(), [undefined]);
    const own = { idempotencyKey: 'mine' };
    await assert.rejects(connect().importServiceKeys({ body: ndjson([{}]) }, own), TypeError);
  });
});

describe('a call that will not', () => {
  it('is told at once, by a problem whose type says what it is', async () => {
    server.script(problem('unknown-platform'));
    await assert.rejects(connect().syncNow({ body: { ...reason, platformId: 'x' } }), (error) => {
      if (!isProblem(error)) return false;
      const { problem } = error;
      // Of this type only: another status would not compile.
      return problem.type === 'urn:passback:problem:unknown-platform' && (problem.status satisfies 422) === 422;
    });
    assert.deepEqual([server.came.length, waits], [1, []]);
  });

  it('is no problem of ours where something else answers', async () => {
    server.script({ status: 404, headers: { 'content-type': 'text/html' }, body: '<h1>nginx</h1>' });
    await assert.rejects(connect().whoami(), (error) => error instanceof NoAnswerError && error.status === 404);
  });

  it('follows no redirect with its key', async () => {
    server.script({ status: 307, headers: { location: '/v1/elsewhere' } });
    await assert.rejects(connect().whoami(), (error) => error instanceof NoAnswerError && error.status === 307);
    assert.equal(server.came.length, 1);
  });

  it('ends when its caller wants no more of it', async () => {
    server.script('hang');
    const reasonOfCaller = new Error('enough');
    const gone = new AbortController();
    const called = connect().whoami(undefined, { signal: gone.signal });
    const refused = assert.rejects(called, reasonOfCaller);
    await eventually('it is asked', () => server.came.length === 1);
    gone.abort(reasonOfCaller);
    await refused;
  });

  it('ends within a wait, too', async () => {
    server.script(problem('too-many-requests', { 'retry-after': '60' }));
    const gone = new AbortController();
    const answered: typeof fetch = async (...given) => {
      const answer = await fetch(...given);
      setTimeout(() => gone.abort(new Error('enough')), 20);
      return answer;
    };
    const client = createClient({ url: server.url, fetch: answered });
    await assert.rejects(client.whoami(undefined, { signal: gone.signal }), /enough/);
  });

  it('never shows its key', async () => {
    server.script(problem('forbidden'));
    const client = createClient({ url: server.url, apiKey: 'passback_secret' });
    const { inspect } = await import('node:util');
    await assert.rejects(client.whoami(), (error) => !inspect(error, { depth: 9 }).includes('passback_secret'));
    assert.doesNotMatch(inspect(client, { depth: 9 }), /passback_secret/);
  });

  it('asks for a key each time where one is made anew', async () => {
    let n = 0;
    const client = createClient({ url: server.url, apiKey: async () => `key-${(n += 1)}` });
    server.script();
    await client.whoami();
    await client.whoami();
    const sent = server.came.map(({ headers }) => headers.authorization);
    assert.deepEqual(sent, ['Bearer key-1', 'Bearer key-2']);
  });
});

describe('a call that cannot be meant', () => {
  it('is refused before it is made', async () => {
    server.script();
    const client = connect();
    for (const reference of ['', '.', '..']) {
      await assert.rejects(client.getReference({ source: 'grader', reference }), TypeError, reference);
    }
    const misspelt = { limit: 1, platfromId: 'lms' };
    await assert.rejects(client.listScores(misspelt), /no parameter platfromId/);
    assert.equal(server.came.length, 0);
  });

  it('leads nowhere else by what is in its names', async () => {
    server.script();
    await connect().getReference({ source: 'a/b', reference: '../x?y=1#z' });
    assert.equal(server.came[0]?.path, '/v1/references/a%2Fb/..%2Fx%3Fy%3D1%23z');
  });

  it('goes below the path of the address that it is given', async () => {
    server.script();
    await createClient({ url: `${server.url}/passback/` }).isAlive();
    assert.equal(server.came[0]?.path, '/passback/livez');
  });
});

describe('events of a backfill', () => {
  const headers = { 'content-type': 'text/event-stream' };
  const progress = 'event: progress\ndata: {"state":"running"}\n\n';

  it('are followed over connections and processes that end, until the last one', async () => {
    server.script(
      { status: 200, headers, body: progress },
      { status: 200, headers, body: ': still here\n\nevent: stopping\ndata: {}\n\n' },
      ...(['cut'] as const),
      { status: 200, headers, body: `${progress}event: end\ndata: {"state":"completed"}\n\n` },
    );
    const events: string[] = [];
    for await (const { event } of connect().followBackfill({ id: 'x' })) events.push(event);
    assert.deepEqual(events, ['progress', 'stopping', 'progress', 'end']);
    assert.equal(server.came.length, 4);
  });

  it('end with the problem of a backfill that there is not', async () => {
    server.script(problem('not-found'));
    const read = async (): Promise<void> => {
      for await (const { event } of connect().followBackfill({ id: 'x' })) assert.fail(event);
    };
    await assert.rejects(read(), (error) => isProblem(error, 'urn:passback:problem:not-found'));
  });
});
