import { ProblemError } from '../problems.js';

/** One line of a file, numbered from 1 as editors do, or why it cannot be read. */
export type FileLine = { line: number; text: string } | { line: number; problem: 'line-too-long' | 'not-utf8' };

/** What was found out about a file while it was read. */
export interface FileFacts {
  encoding: 'utf-8' | 'windows-1252';
  /** The last line has no line end: it may be cut off. */
  endsOpen: boolean;
  lines: number;
}

export interface FileReader {
  facts: FileFacts;
  /** Blocks of whole lines, blank ones among them. Rejects when the stream broke off. */
  blocks(): AsyncGenerator<FileLine[], void, void>;
}

const NEWLINE = 0x0a;

/**
 * Parts a file into lines with memory for little more than one of them. A CSV that is not UTF-8 was exported by a
 * program that writes Windows-1252, unless something before could only be UTF-8.
 */
export function createFileReader(
  input: AsyncIterable<Buffer>,
  { maxLineBytes, mayBeWindows1252 }: { maxLineBytes: number; mayBeWindows1252: boolean },
): FileReader {
  const facts: FileFacts = { encoding: 'utf-8', endsOpen: false, lines: 0 };
  const decode = createDecoder(facts, mayBeWindows1252);
  let carry: Buffer[] = [];
  let carried = 0;

  const close = (bytes: Buffer, ownFirst: number): FileLine[] => {
    const isTooLong = carried + ownFirst > maxLineBytes;
    const first = isTooLong ? Buffer.alloc(0) : Buffer.concat([...carry, bytes.subarray(0, ownFirst)]);
    carry = [];
    carried = 0;
    if (!isTooLong) return decode(Buffer.concat([first, bytes.subarray(ownFirst)]));
    facts.lines += 1;
    const problem: FileLine = { line: facts.lines, problem: 'line-too-long' };
    return ownFirst === bytes.length ? [problem] : [problem, ...decode(bytes.subarray(ownFirst + 1))];
  };

  return {
    facts,
    async *blocks() {
      for await (const chunk of input) {
        if (facts.lines === 0 && carried === 0) refuseUtf16(chunk);
        const end = chunk.lastIndexOf(NEWLINE);
        if (end !== -1) yield close(chunk.subarray(0, end), chunk.indexOf(NEWLINE));
        const rest = chunk.subarray(end + 1);
        carried += rest.length;
        if (carried > maxLineBytes) carry = [];
        else if (rest.length > 0) carry.push(Buffer.from(rest));
      }
      facts.endsOpen = carried > 0;
      if (carried > 0) yield close(Buffer.alloc(0), 0);
    },
  };
}

function refuseUtf16(chunk: Buffer): void {
  const [one, two] = chunk;
  if ((one === 0xff && two === 0xfe) || (one === 0xfe && two === 0xff)) {
    throw new ProblemError('unsupported-media-type', 'The file is UTF-16. Save it as "CSV UTF-8".');
  }
}

function createDecoder(facts: FileFacts, mayBeWindows1252: boolean): (bytes: Buffer) => FileLine[] {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  const windows1252 = new TextDecoder('windows-1252');
  let isSurelyUtf8 = false;
  const number = (texts: string[]): FileLine[] =>
    texts.map((text) => {
      facts.lines += 1;
      return { line: facts.lines, text };
    });
  const tryUtf8 = (bytes: Buffer): string | undefined => {
    try {
      const text = utf8.decode(bytes);
      if (text.length !== bytes.length) isSurelyUtf8 = true;
      return text;
    } catch {
      return undefined;
    }
  };
  const decodeOne = (bytes: Buffer): FileLine => {
    facts.lines += 1;
    const text = facts.encoding === 'utf-8' ? tryUtf8(bytes) : windows1252.decode(bytes);
    if (text !== undefined) return { line: facts.lines, text };
    if (isSurelyUtf8 || !mayBeWindows1252) return { line: facts.lines, problem: 'not-utf8' };
    facts.encoding = 'windows-1252';
    return { line: facts.lines, text: windows1252.decode(bytes) };
  };
  return (bytes) => {
    if (facts.encoding === 'windows-1252') return number(windows1252.decode(bytes).split('\n'));
    const text = tryUtf8(bytes);
    return text === undefined ? splitBytes(bytes).map(decodeOne) : number(text.split('\n'));
  };
}

function splitBytes(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, from)) {
    lines.push(bytes.subarray(from, at));
    from = at + 1;
  }
  return [...lines, bytes.subarray(from)];
}
