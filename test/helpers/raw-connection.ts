/** A connection that is written by hand, for clients that no HTTP library would be. */
import { once } from 'node:events';
import net from 'node:net';

export interface RawConnection {
  /** Writes whether or not anybody is there any more. */
  write(text: string): void;
  /** All that has come. */
  received(): string;
  /** Stops taking what comes. */
  pause(): void;
  isClosed(): boolean;
  /** Ends it from our side. */
  destroy(): void;
}

/** Connects to a server on this machine. What goes wrong with the connection counts as its end. */
export async function connectRaw({ hostname, port }: URL): Promise<RawConnection> {
  const socket = net.connect({ host: hostname, port: Number(port) });
  let received = '';
  let isClosed = false;
  socket.on('data', (chunk) => (received += chunk.toString()));
  socket.on('error', () => undefined);
  socket.on('close', () => (isClosed = true));
  await once(socket, 'connect');
  return {
    write(text) {
      if (!socket.destroyed) socket.write(text);
    },
    received: () => received,
    pause: () => void socket.pause(),
    isClosed: () => isClosed,
    destroy: () => void socket.destroy(),
  };
}

/** The first lines of a request; header lines are given as they are written. */
export function headOf(method: string, path: string, headers: readonly string[] = []): string {
  return [`${method} ${path} HTTP/1.1`, 'host: passback', ...headers, '', ''].join('\r\n');
}
