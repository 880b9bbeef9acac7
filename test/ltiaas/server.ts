import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { createLtiaasClient, type LtiaasClient, type MembershipPage } from '../../ltiaas/client.js';
import { LtiaasError } from '../../ltiaas/error.js';

export interface Received {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface FakeServer {
  url: string;
  received: Received[];
  /** TCP connections that were opened. */
  connections: () => number;
}

type Respond = (request: Received, response: ServerResponse) => void;

/** An HTTP server on the loopback that answers as told and keeps what it received; closed after the test. */
export async function startServer(t: TestContext, respond: Respond): Promise<FakeServer> {
  const received: Received[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const seen = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
      received.push(seen);
      respond(seen, response);
    });
  });
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return { url: `http://127.0.0.1:${address.port}`, received, connections: () => connections };
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = '';
  request.setEncoding('utf8');
  try {
    for await (const chunk of request) body += String(chunk);
  } catch {
    // A caller that gives up in the middle is part of some tests.
  }
  return body;
}

/** A client on a server that gives this answer. */
export async function start(
  t: TestContext,
  answer: (request: Received) => unknown,
  status = 200,
): Promise<[LtiaasClient, FakeServer]> {
  const server = await startServer(t, (request, response) => json(response, status, answer(request)));
  const client = createLtiaasClient({ baseUrl: server.url, apiKey: 'ak' });
  t.after(() => client.close());
  return [client, server];
}

export async function rejection(promise: Promise<unknown>): Promise<LtiaasError> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  assert.ok(error instanceof LtiaasError, String(error));
  return error;
}

export async function all(pages: AsyncGenerator<MembershipPage>): Promise<MembershipPage[]> {
  const list: MembershipPage[] = [];
  for await (const page of pages) list.push(page);
  return list;
}
