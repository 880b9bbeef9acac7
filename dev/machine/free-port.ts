import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Whether a server could listen there now. */
export function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Linux, macOS and Windows lend ports from 32768 on to outgoing connections, of which a test or a stack makes many. */
const NEVER_LENT = { from: 20_000, below: 32_768 } as const;

/**
 * The first of the preferred ports that is free, else one that the system lends to no connection. It is free at the
 * moment of the answer only: whoever listens on it must cope with having come second.
 *
 * @throws Error when a hundred ports are taken
 */
export async function findFreePort(
  preferred: readonly (number | undefined)[] = [],
  host = '127.0.0.1',
): Promise<number> {
  const others = Array.from({ length: 100 }, () => randomInt(NEVER_LENT.from, NEVER_LENT.below));
  for (const port of [...preferred, ...others]) {
    if (port !== undefined && (await isPortFree(port, host))) return port;
  }
  throw new Error(`no free port on ${host}`);
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
