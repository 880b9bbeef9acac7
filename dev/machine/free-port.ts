import { createServer } from 'node:net';

/** Whether a server could listen there now. */
export function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * The first of the preferred ports that is free, else one that the system chooses. It is free at the moment of the
 * answer only: whoever listens on it must cope with having come second.
 */
export async function findFreePort(
  preferred: readonly (number | undefined)[] = [],
  host = '127.0.0.1',
): Promise<number> {
  for (const port of preferred) {
    if (port !== undefined && (await isPortFree(port, host))) return port;
  }
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port: 0, host }, () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no free port')),
      );
    });
  });
}

/** Another program has the port. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
  constructor(port: number) {
    super(`port ${port} is taken by another program`);
  }
}

/**
 * Gives the port back if it is free: for a server whose clients know no other address. While it was down, the system may
 * have lent its port to a connection.
 *
 * @throws PortTakenError
 */
export async function insistOnPort(port: number): Promise<number> {
  if (await isPortFree(port)) return port;
  throw new PortTakenError(port);
}
