import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { createEndings, type Endable } from '../../ltiaas/endings.js';
import { createHttp } from '../../ltiaas/http.js';
import { eventually } from '../helpers/database.js';
import { startServer } from './server.js';

interface Watched extends Endable {
  ended: { why: string; afterMs: number }[];
}

function watched(onEnd: (call: Watched) => void = () => undefined): Watched {
  const startedAt = performance.now();
  const call: Watched = {
    ended: [],
    end(why) {
      call.ended.push({ why, afterMs: performance.now() - startedAt });
      onEnd(call);
    },
  };
  return call;
}

test('long calls end on a shared tick, none before its time, and those that are over do not', async () => {
  const endings = createEndings({ tickMs: 10, shortestOnTickMs: 0 });
  const forget = (call: Watched): void => endings.forget(call, undefined);
  const [soon, later, over] = [watched(forget), watched(forget), watched(forget)];
  endings.watch(soon, 30, undefined);
  endings.watch(later, 60, undefined);
  endings.watch(over, 30, undefined);
  endings.forget(over, undefined);
  await eventually('the end of the later call', () => later.ended.length > 0);
  assert.deepEqual([soon, later, over].map(({ ended }) => ended.map(({ why }) => why)), [['timeout'], ['timeout'], []]);
  assert.ok((soon.ended[0]?.afterMs ?? 0) >= 30 && (later.ended[0]?.afterMs ?? 0) >= 60);
  const again = watched(forget);
  endings.watch(again, 20, undefined);
  await eventually('the end of a call after a rest', () => again.ended.length > 0);
}); // prettier-ignore

test('no timer of a long call keeps the process alive', () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const endings = createEndings();
  const call = watched();
  endings.watch(call, 60_000, undefined);
  assert.equal(timers(), before);
  endings.forget(call, undefined);
});

test('all calls of a signal end with it, over one listener that is gone when they are', async (t) => {
  const server = await startServer(t, ({ url }, response) => {
    if (url.endsWith('/2')) response.writeHead(204).end();
  });
  const http = createHttp({ baseUrl: server.url, secrets: [] });
  t.after(() => http.close());
  const stop = new AbortController();
  const other = new AbortController();
  const listeners = (): number => getEventListeners(stop.signal, 'abort').length;
  const call = { method: 'POST', template: '/x', authorization: 'A', secrets: [], body: {} } as const;
  const send = (path: string, signal: AbortSignal): Promise<unknown> => http.send({ ...call, path, signal });
  await send('/2', stop.signal);
  assert.equal(listeners(), 0);
  const ended = Promise.allSettled(Array.from({ length: 20 }, () => send('/1', stop.signal)));
  const lasting = send('/1', other.signal).catch((error: unknown) => error);
  await eventually('calls under way', () => server.received.length === 22);
  assert.equal(listeners(), 1);
  stop.abort();
  assert.ok((await ended).every(({ status }) => status === 'rejected'));
  assert.equal(listeners(), 0);
  assert.equal(await Promise.race([lasting, Promise.resolve('goes on')]), 'goes on');
  other.abort();
  await lasting;
});
