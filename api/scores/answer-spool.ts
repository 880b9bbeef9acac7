import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { SpoolFile, SpoolSpace } from '../spool-space.js';

const READ_BYTES = 65_536;

/** Answers on their way to a caller, in their order. */
export interface AnswerSpool {
  /**
   * Never waits for the caller, and keeps nothing in memory for it.
   * @throws {ProblemError} where there is no room for what the caller does not take
   */
  write(text: string): Promise<void>;
  /** Writes what is left, and this line after it; resolves when the caller has been handed all of it, or is gone. */
  end(lastLine?: string): Promise<void>;
}

/**
 * Most HTTP clients send their whole body before they read any answer. Were we to stop reading until they do, a long
 * stream would stand still for ever; so what they do not take yet goes to a file without a name, ids and outcomes only.
 */
export function createAnswerSpool(output: Writable, space: SpoolSpace): AnswerSpool {
  let file: SpoolFile | undefined;
  let read = 0;
  let pumping: Promise<void> | undefined;

  const written = (): number => file?.size() ?? 0;
  const pump = async (from: SpoolFile): Promise<void> => {
    const buffer = Buffer.alloc(READ_BYTES);
    while (read < from.size() && !output.destroyed) {
      if (output.writableNeedDrain) await drained(output);
      const length = await from.read(buffer, read);
      read += length;
      if (!output.destroyed) output.write(Buffer.from(buffer.subarray(0, length)));
    }
  };
  const startPump = (from: SpoolFile): void => {
    pumping ??= pump(from).finally(() => {
      pumping = undefined;
    });
    // A failed read shows itself at the end, where the pump is awaited once more.
    pumping.catch(() => undefined);
  };

  return {
    async write(text) {
      if (output.destroyed) return;
      if (read === written() && !output.writableNeedDrain) {
        output.write(text);
        return;
      }
      file ??= await space.openFile();
      await file.append(Buffer.from(text));
      startPump(file);
    },
    async end(lastLine = '') {
      while (file && read < written() && !output.destroyed) {
        startPump(file);
        await pumping;
      }
      await file?.close();
      output.end(lastLine);
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
