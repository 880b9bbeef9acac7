import { UsageError } from '../usage-error.js';

export interface Line {
  /** From 1. */
  number: number;
  /** Undefined: it is not UTF-8. */
  text: string | undefined;
  /** Bytes up to its end. */
  end: number;
}

/** The API takes none that is longer, in bytes. */
const LONGEST = 1_048_576;
const NEWLINE = 0x0a;

/**
 * Lines that end in a newline and nothing else: JSON may have all other line ends in its texts. Holds one line at a time.
 * @throws {UsageError} for a line that is longer than the API takes
 */
export async function* readLines(content: AsyncIterable<Uint8Array>): AsyncGenerator<Line, void, void> {
  let parts: Uint8Array[] = [];
  let held = 0;
  let end = 0;
  let number = 1;
  for await (const bytes of content) {
    let from = 0;
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
      end += at + 1 - from;
      yield { number, text: toText([...parts, bytes.subarray(from, at)]), end };
      parts = [];
      held = 0;
      from = at + 1;
      number += 1;
    }
    parts.push(bytes.subarray(from));
    held += bytes.length - from;
    end += bytes.length - from;
    if (held > LONGEST) throw new UsageError(`Line ${number} is longer than a megabyte: is this a file of lines?`);
  }
  if (held > 0) yield { number, text: toText(parts), end };
}

function toText(parts: readonly Uint8Array[]): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts));
  } catch {
    return undefined;
  }
}
