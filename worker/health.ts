import { createServer, type Server } from 'node:http';

export interface HealthSource {
  /** The process can still become well by itself; false means that it must be started again. */
  isAlive(): boolean;
  /** What is not ready, by name; empty when all is. */
  findUnready(): Promise<string[]>;
}

/** `/livez` and `/readyz` of a worker, which has no other way to be asked. Resolves when listening. */
export async function serveHealth(
  source: HealthSource,
  { host, port }: { host: string; port: number },
): Promise<Server> {
  const server = createServer((request, response) => {
    const answer = (status: number, body: string): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    };
    const respond = async (): Promise<void> => {
      if (request.url === '/livez') return answer(source.isAlive() ? 200 : 503, '{}');
      if (request.url !== '/readyz') return answer(404, '{}');
      const unready = await source.findUnready();
      answer(unready.length === 0 ? 200 : 503, JSON.stringify({ unready }));
    };
    respond().catch((error: unknown) => answer(503, JSON.stringify({ unready: [String(error)] })));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server;
}
