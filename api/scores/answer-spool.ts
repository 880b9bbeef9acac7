import { once } from 'node:events';
import type { FileHandle } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { openNamelessFile } from '../nameless-file.js';

const READ_BYTES = 65_536;

/** Answers on their way to a caller, in their order. */
export interface AnswerSpool {
  /** Never waits for the caller, and keeps nothing in memory for it. */
  write(text: string): Promise<void>;
  /** Writes what is left, ends the output, and resolves when the caller has been handed all of it, or is gone. */
  end(): Promise<void>;
}

/**
 * Most HTTP clients send their whole body before they read any answer. Were we to stop reading until they do, a long
 * stream would stand still for ever; so what they do not take yet goes to a file without a name, ids and outcomes only.
 */
export function createAnswerSpool(output: Writable): AnswerSpool {
  let file: FileHandle | undefined;
  let written = 0;
  let read = 0;
  let pumping: Promise<void> | undefined;

  const pump = async (handle: FileHandle): Promise<void> => {
    const buffer = Buffer.alloc(READ_BYTES);
    while (read < written && !output.destroyed) {
      if (output.writableNeedDrain) await drained(output);
      const { bytesRead } = await handle.read(buffer, 0, Math.min(READ_BYTES, written - read), read);
      read += bytesRead;
      if (!output.destroyed) output.write(Buffer.from(buffer.subarray(0, bytesRead)));
    }
  };
  const startPump = (handle: FileHandle): void => {
    pumping ??= pump(handle).finally(() => {
      pumping = undefined;
    });
    // A failed read shows itself at the end, where the pump is awaited once more.
    pumping.catch(() => undefined);
  };

  return {
    async write(text) {
      if (output.destroyed) return;
      if (read === written && !output.writableNeedDrain) {
        output.write(text);
        return;
      }
      file ??= await openNamelessFile();
      const bytes = Buffer.from(text);
      await file.write(bytes, 0, bytes.length, written);
      written += bytes.length;
      startPump(file);
    },
    async end() {
      while (file && read < written && !output.destroyed) {
        startPump(file);
        await pumping;
      }
      await file?.close();
      output.end();
    },
  };
}

/** Resolves when the output takes more, or never will. */
async function drained(output: Writable): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  await Promise.race([once(output, 'drain', { signal }), once(output, 'close', { signal })]).catch(() => undefined);
  controller.abort();
}
