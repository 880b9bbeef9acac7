import { randomUUID } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ProblemError } from './problems.js';

/** Room on disk for what waits, shared by all requests of a process. */
export interface SpoolSpace {
  openFile(): Promise<SpoolFile>;
}

/** A file that has no name from the beginning on, so that nothing of a student stays behind whatever ends the process. */
export interface SpoolFile {
  /**
   * Appends all of it.
   * @throws {ProblemError} where there is no room: neither what the configuration grants, nor on the disk
   */
  append(bytes: Buffer): Promise<void>;
  /** Up to `buffer.length` bytes from there, and how many. */
  read(buffer: Buffer, at: number): Promise<number>;
  /** Bytes appended. */
  size(): number;
  /** Gives its room back. Repeating does no harm. */
  close(): Promise<void>;
}

/** What a file system says that has no room, or none for this user, or for so long a file. */
const NO_ROOM: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EFBIG'];
const RETRY_AFTER_S = '30';

export function createSpoolSpace({ limitBytes }: { limitBytes: number }): SpoolSpace {
  let taken = 0;
  return {
    async openFile() {
      const name = path.join(tmpdir(), `passback-${randomUUID()}`);
      const file = await open(name, 'wx+', 0o600).catch(refuseWithoutRoom);
      await unlink(name);
      let size = 0;
      let isOpen = true;
      return {
        async append(bytes) {
          if (taken + bytes.length > limitBytes) throw fullError();
          taken += bytes.length;
          const end = size + bytes.length;
          let at = size;
          size = end;
          while (at < end) {
            const from = bytes.length - (end - at);
            const { bytesWritten } = await file.write(bytes, from, end - at, at).catch(refuseWithoutRoom);
            at += bytesWritten;
          }
        },
        read: async (buffer, at) => (await file.read(buffer, 0, Math.min(buffer.length, size - at), at)).bytesRead,
        size: () => size,
        async close() {
          if (!isOpen) return;
          isOpen = false;
          taken -= size;
          await file.close();
        },
      };
    },
  };
}

function refuseWithoutRoom(error: unknown): never {
  if (error instanceof Error && 'code' in error && NO_ROOM.includes(error.code)) throw fullError(error);
  throw error;
}

function fullError(cause?: Error): ProblemError {
  const headers = { 'retry-after': RETRY_AFTER_S };
  return new ProblemError('spool-full', 'Send it again when others have ended.', { headers, ...(cause && { cause }) });
}
