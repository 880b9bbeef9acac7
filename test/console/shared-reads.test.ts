import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { Caller } from '../../api/callers.js';
import { createSharedReads, type SharedReads } from '../../console/shared-reads.js';

const caller = (change: Partial<Caller> = {}): Caller => ({
  ...{ apiKeyId: 'one', scopes: ['read', 'operate'], platforms: null, expiresAt: null, ...change },
});

describe('what pages that refresh themselves read', () => {
  let nowMs = 0;
  let asked = 0;
  let status = 200;
  let reads: SharedReads;
  beforeEach(() => {
    nowMs = Date.parse('2026-11-27T12:00:00Z');
    [asked, status] = [0, 200];
    reads = createSharedReads({ now: () => new Date(nowMs) });
  });
  const read = async (by: Caller, url = '/v1/runs'): Promise<string> => {
    const { payload } = await reads.read(by, url, async () => {
      asked += 1;
      return { statusCode: status, payload: `answer ${asked}` };
    });
    return payload;
  };

  it('is asked once for all who see the same, within three seconds', async () => {
    const viewers = [caller(), caller({ apiKeyId: 'two', scopes: ['operate', 'read'] })];
    assert.deepEqual(await Promise.all(viewers.map((viewer) => read(viewer))), ['answer 1', 'answer 1']);
    nowMs += 2_999;
    assert.equal(await read(caller()), 'answer 1');
    nowMs += 1;
    assert.equal(await read(caller()), 'answer 2');
  });

  it('is told to nobody who sees or may do something else, or asks for something else', async () => {
    const all = [
      caller(),
      caller({ platforms: ['lms'] }),
      caller({ platforms: ['lms', 'two'] }),
      caller({ scopes: ['read'] }),
    ];
    const answers = await Promise.all([...all.map((one) => read(one)), read(caller(), '/v1/platforms')]);
    assert.equal(new Set(answers).size, 5);
  });

  it('is asked again once something was done, also what is being read meanwhile', async () => {
    const before = read(caller());
    reads.forget();
    assert.equal(await before, 'answer 1');
    assert.equal(await read(caller()), 'answer 2');
  });

  it('is asked again after a failure', async () => {
    status = 503;
    await read(caller());
    status = 200;
    assert.equal(await read(caller()), 'answer 2');
    const broken = createSharedReads({ now: () => new Date(nowMs) });
    await assert.rejects(
      broken.read(caller(), '/', async () => Promise.reject(new Error('down'))),
      /down/,
    );
    assert.equal((await broken.read(caller(), '/', async () => ({ statusCode: 200, payload: 'up' }))).payload, 'up');
  });
});
