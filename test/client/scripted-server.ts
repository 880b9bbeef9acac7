/** A server that answers as a test tells it, request by request, and remembers what came. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after } from 'node:test';

export interface Came {
  method: string;
  path: string;
  headers: http.IncomingHttpHeaders;
  body: string;
}

export interface ScriptedAnswer {
  status: number;
  headers?: Record<string, string>;
  /** Written as JSON but for a text. */
  body?: unknown;
}

/** `cut`: the connection is closed in place of an answer; `hang`: none comes. */
export type Step = ScriptedAnswer | 'cut' | 'hang';

export interface ScriptedServer {
  url: string;
  came: Came[];
  /** What comes next; when all is used, 200 and `{}`. */
  script(...steps: Step[]): void;
}

export async function startScriptedServer(): Promise<ScriptedServer> {
  const came: Came[] = [];
  const steps: Step[] = [];
  const answer = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const body = await text(request);
    came.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body });
    const step = steps.shift() ?? { status: 200, body: {} };
    if (step === 'hang') return;
    if (step === 'cut') return void request.socket.destroy();
    response.writeHead(step.status, { 'content-type': 'application/json', ...step.headers });
    response.end(step.body === undefined || typeof step.body === 'string' ? step.body : JSON.stringify(step.body));
  };
  const server = http.createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = addressOf(server.address());
  return {
    ...{ url: `http://127.0.0.1:${port}`, came },
    script(...next) {
      came.length = 0;
      steps.splice(0, steps.length, ...next);
    },
  };
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('It does not listen.');
  return address;
}
