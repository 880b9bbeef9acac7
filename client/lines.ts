/** Lines of JSON, written and read. */
import { NoAnswerError } from './problem.js';

export type Items<T> = Iterable<T> | AsyncIterable<T>;

/** Each item as a line, with its end. Ends its source when it is ended itself. */
export async function* toLines(items: Items<unknown>): AsyncGenerator<string, void, void> {
  for await (const item of items) yield `${JSON.stringify(item)}\n`;
}

/** The lines of a body as they come, without their ends. What follows the last end is a line too. */
export async function* readLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (let part = await readPart(reader); !part.done; part = await readPart(reader)) {
      const lines = (rest + decoder.decode(part.value, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
    rest += decoder.decode();
    if (rest !== '') yield rest;
  } finally {
    // Whoever reads no further wants no more to be sent.
    await reader.cancel().catch(() => undefined);
  }
}

async function readPart(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<{ done: boolean; value?: Uint8Array | undefined }> {
  try {
    return await reader.read();
  } catch (cause) {
    throw new NoAnswerError('The answer broke off.', { cause });
  }
}
