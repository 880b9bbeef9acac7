import { openNamelessFile } from '../nameless-file.js';

/** Bytes on disk that are written once, and then read again. */
export interface Spool {
  write(bytes: Buffer): Promise<void>;
  read(): AsyncGenerator<Buffer, void, void>;
  close(): Promise<void>;
}

const PIECE_BYTES = 65_536;

export async function createSpool(): Promise<Spool> {
  const file = await openNamelessFile();
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
