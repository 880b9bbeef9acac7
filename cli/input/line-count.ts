/** Which line of a text begins where: the parser counts both halves of a line end within quotes. */
export interface LineCount {
  /** Passes the text on, and keeps what has not been counted. */
  watch(text: AsyncIterable<string>): AsyncGenerator<string, void, void>;
  /** The line, from 1, on which what ends at this byte began; the next begins there. Empty lines are passed over. */
  upTo(end: number): number;
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;

export function createLineCount(): LineCount {
  const held: Buffer[] = [];
  let counted = 0;
  let line = 1;
  let isAfterReturn = false;

  /** Takes one byte; true: it is more than a line end. */
  const take = (byte: number | undefined): boolean => {
    const isEnd = byte === NEWLINE || byte === RETURN;
    if (isEnd && !(byte === NEWLINE && isAfterReturn)) line += 1;
    isAfterReturn = byte === RETURN;
    return !isEnd;
  };

  return {
    async *watch(text) {
      for await (const part of text) {
        held.push(Buffer.from(part));
        yield part;
      }
    },
    upTo(end) {
      let began: number | undefined;
      while (counted < end) {
        const [first] = held;
        if (!first) break;
        const bytes = first.subarray(0, end - counted);
        for (const byte of bytes) {
          const at = line;
          if (take(byte)) began ??= at;
        }
        counted += bytes.length;
        if (bytes.length === first.length) held.shift();
        else held[0] = first.subarray(bytes.length);
      }
      return began ?? line;
    },
  };
}
