import { randomUUID } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Bytes on disk that are written once, and then read again. */
export interface Spool {
  write(bytes: Buffer): Promise<void>;
  read(): AsyncGenerator<Buffer, void, void>;
  close(): Promise<void>;
}

const PIECE_BYTES = 65_536;

/** The file has no name from the beginning on, so that nothing of a student stays behind whatever ends the process. */
export async function createSpool(): Promise<Spool> {
  const path = join(tmpdir(), `passback-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  await unlink(path);
  let size = 0;
  return {
    async write(bytes) {
      for (let at = 0; at < bytes.length;) {
        const { bytesWritten } = await file.write(bytes, at, bytes.length - at, size);
        at += bytesWritten;
        size += bytesWritten;
      }
    },
    async *read() {
      for (let at = 0; at < size;) {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(PIECE_BYTES), 0, PIECE_BYTES, at);
        if (bytesRead === 0) return;
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    },
    close: () => file.close(),
  };
}
