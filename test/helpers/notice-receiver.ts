/** A receiver of notices, over real HTTP. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { after } from 'node:test';
import { parseJson, type Json } from './app.js';

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  text: string;
  body: Json;
}

export interface NoticeReceiver {
  url: string;
  received: Received[];
  /** What it answers next, one after the other; 204 when there is no more. */
  answers: { status: number; headers?: Record<string, string> }[];
  /** It takes what comes and never answers. */
  isStuck: boolean;
}

/** Closed at the file's end. */
export async function createNoticeReceiver(): Promise<NoticeReceiver> {
  const receiver: NoticeReceiver = { url: '', received: [], answers: [], isStuck: false };
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { url: path = '', headers } = request;
      receiver.received.push({ path, headers, text: body, body: parseJson(body) });
      if (receiver.isStuck) return;
      const { status, headers: more = {} } = receiver.answers.shift() ?? { status: 204 };
      response.writeHead(status, more).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('The receiver listens nowhere.');
  receiver.url = `http://127.0.0.1:${address.port}/notices`;
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return receiver;
}
