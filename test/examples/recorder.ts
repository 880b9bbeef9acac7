/** A proxy before the API, as somebody on the way could be: it keeps what comes to one path, and may turn it away first. */
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { after } from 'node:test';

export interface Caught {
  headers: Record<string, string>;
  body: string;
  /** The whole address at the API. */
  url: string;
}

export interface Recorder {
  url: string;
  caught: Caught[];
}

/** The first request that it catches is answered 503 by itself. */
export async function startRecorder(apiUrl: string, caughtPath: string): Promise<Recorder> {
  const caught: Caught[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const body = await text(request);
      const { method = 'GET', url: target = '/' } = request;
      const headers = Object.fromEntries(
        Object.entries(request.headers)
          .filter(([name]) => /^(content-type|authorization|idempotency-key|webhook-.*)$/.test(name))
          .map(([name, value]) => [name, String(value)]),
      );
      const url = `${apiUrl}${target}`;
      if (target === caughtPath && caught.push({ headers, body, url }) === 1) return response.writeHead(503).end();
      const answer = await fetch(url, { method, headers, ...(method !== 'GET' && { body }) });
      const { status } = answer;
      return response
        .writeHead(status, { 'content-type': answer.headers.get('content-type') ?? '' })
        .end(await answer.text());
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}`, caught };
}
