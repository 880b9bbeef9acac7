import type { SpoolSpace } from '../spool-space.js';

/** Bytes on disk that are written once, and then read again. */
export interface Spool {
  /** @throws {ProblemError} where there is no room */
  write(bytes: Buffer): Promise<void>;
  read(): AsyncGenerator<Buffer, void, void>;
  close(): Promise<void>;
}

const PIECE_BYTES = 65_536;

export async function createSpool(space: SpoolSpace): Promise<Spool> {
  const file = await space.openFile();
  return {
    write: (bytes) => file.append(bytes),
    async *read() {
      for (let at = 0; at < file.size();) {
        const buffer = Buffer.alloc(PIECE_BYTES);
        const length = await file.read(buffer, at);
        if (length === 0) return;
        at += length;
        yield buffer.subarray(0, length);
      }
    },
    close: () => file.close(),
  };
}
