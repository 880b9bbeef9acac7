import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import fastifyPlugin from 'fastify-plugin';
import { ProblemError } from '../problems.js';
import { awaitsBody, lingerOver } from './early-answers.js';

export interface BodyDeadlines {
  /** What a body that is read whole may take; and how often it is asked of a stream how much has come. In milliseconds. */
  bodyTimeoutMs: number;
  /** Bytes per second that a stream brings at least, over that time; 0: any. */
  streamLeastRate: number;
}

/** Bodies that have not come by then, after `close` began, are given up, in milliseconds: what they brought can still be recorded. */
const CLOSING_MS = 5_000;

interface Watched {
  raw: IncomingMessage;
  /** Bytes of the connection when the time began. */
  from: number;
  since: number;
  isStream: boolean;
}

/**
 * Gives up on bodies that do not come, with a 408 where it can still be said. A body that is read whole has a time; a stream may
 * take for ever as long as it keeps a rate, which is not asked of it while bytes of it wait for us.
 */
export const bodyDeadlinesPlugin = fastifyPlugin<BodyDeadlines>(
  async (app, { bodyTimeoutMs, streamLeastRate }) => {
    const watched = new Map<IncomingMessage, Watched>();
    const look = (): void => {
      const now = performance.now();
      for (const body of watched.values()) {
        const { raw, from, since, isStream } = body;
        if (!awaitsBody(raw)) watched.delete(raw);
        else if (isStream && raw.readableLength > 0) restart(body);
        else if (now - since < bodyTimeoutMs) continue;
        else if (isStream && raw.socket.bytesRead - from >= (streamLeastRate * bodyTimeoutMs) / 1_000) restart(body);
        else {
          watched.delete(raw);
          giveUp(raw, new ProblemError('body-too-slow', 'The connection is closed: send the request again.'));
        }
      }
    };
    const timer = setInterval(look, Math.min(1_000, bodyTimeoutMs / 4)).unref();
    let closing: NodeJS.Timeout | undefined;
    app.addHook('preClose', async () => {
      closing = setTimeout(() => {
        for (const raw of watched.keys())
          giveUp(raw, new ProblemError('stopping', 'Send again what has got no answer.'));
      }, CLOSING_MS);
    });
    app.addHook('onClose', async () => {
      clearInterval(timer);
      clearTimeout(closing);
    });

    app.addHook('preParsing', async ({ raw }) => {
      // What the console asks comes by no connection that could be slow, or be closed.
      if (!(raw.socket instanceof Socket) || !awaitsBody(raw)) return;
      watched.set(raw, { raw, from: raw.socket.bytesRead, since: performance.now(), isStream: false });
      raw.once('close', () => watched.delete(raw));
    });
    // Whoever reads a body as a stream gets to here before its end.
    app.addHook('preValidation', async (request) => {
      const body = watched.get(request.raw);
      if (body && request.body instanceof Readable) body.isStream = true;
    });
  },
  { name: 'body-deadlines', dependencies: ['early-answers'] },
);

function restart(body: Watched): void {
  body.from = body.raw.socket.bytesRead;
  body.since = performance.now();
}

/** Whoever reads the body is told by its error, and answers; then the connection ends. */
export function giveUp(raw: IncomingMessage, problem: ProblemError): void {
  // A stream that ended with an error has let go of it.
  const { socket } = raw;
  if (raw.listenerCount('error') > 0) raw.emit('error', problem);
  lingerOver(raw, () => {
    if (!raw.complete) socket.destroy();
  });
}
