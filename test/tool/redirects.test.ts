import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNoticeSender } from '../../tool/notice-sender.js';
import { createScoreSource } from '../../tool/score-source.js';
import { startServer } from '../ltiaas/server.js';

for (const status of [301, 302, 303, 307, 308]) {
  test(`a ${status} takes nothing that is signed anywhere else`, async (t) => {
    const other = await startServer(t, (_, response) => response.end('{"scores":[]}'));
    const server = await startServer(t, (_, response) => response.writeHead(status, { location: other.url }).end());
    const { signal } = new AbortController();
    const source = createScoreSource({ url: server.url, secret: Buffer.alloc(32, 3) });
    t.after(() => source.close());
    const place = { platformId: 'lms', deploymentId: '1', contextId: 'bio' };
    const answer = await source.ask({ ...place, since: null, cursor: null, signal });
    assert.deepEqual(answer, { failure: 'ScoreSourceRefused', isPassing: false });
    const sender = createNoticeSender({ mayBePrivate: true });
    t.after(() => sender.close());
    const secrets = [`whsec_${Buffer.alloc(32, 3).toString('base64')}`];
    const sent = await sender.send({ id: 'msg_1', url: server.url, secrets, body: '{}', signal });
    assert.deepEqual(sent, { status, failure: 'EndpointRedirects' });
    assert.deepEqual([server.received.length, other.received.length], [2, 0]);
  });
}
