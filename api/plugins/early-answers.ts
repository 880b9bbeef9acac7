import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import fastifyPlugin from 'fastify-plugin';

/** What a client gets to take an answer before its connection is closed over the rest of its body, in milliseconds. */
export const LINGER_MS = 1_000;

/**
 * An answer that is there before the body of its request is sent at once, and the connection closed, instead of waiting for
 * what nobody reads. It is closed a little later: bytes that meet a closed connection reset it, and a reset takes with it what
 * the client has not read. https://www.rfc-editor.org/rfc/rfc9112#section-9.6
 */
export const earlyAnswersPlugin = fastifyPlugin(
  async (app) => {
    app.addHook('onSend', async (request, reply, payload) => {
      if (typeof payload !== 'string' || !awaitsBody(request.raw)) return payload;
      // A short body comes with its head, and is seen a moment later: such a connection can be kept.
      await setImmediate();
      if (!awaitsBody(request.raw)) return payload;
      reply.headers({ connection: 'close', 'content-length': Buffer.byteLength(payload) });
      const answer = new PassThrough();
      answer.write(payload);
      lingerOver(request.raw, () => answer.end());
      return answer;
    });
  },
  { name: 'early-answers' },
);

/** Whether some of the request is still to come. */
export function awaitsBody(raw: IncomingMessage): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = raw.headers;
  return (encoding !== undefined || length !== '0') && !raw.complete && !raw.readableEnded;
}

/** Reads what still comes and drops it, until it ends or the time is over. */
export function lingerOver(raw: IncomingMessage, done: () => void): void {
  const timer = setTimeout(done, LINGER_MS);
  raw.once('end', () => {
    clearTimeout(timer);
    done();
  });
  raw.resume();
}
