import { isUtf8 } from 'node:buffer';

/** One line, numbered from 1 as editors do, or why it cannot be read. */
export type Line = { line: number; text: string } | { line: number; problem: 'line-too-long' | 'not-utf8' };

/** What was found out about the lines so far. */
export interface LineFacts {
  encoding: 'utf-8' | 'windows-1252';
  lines: number;
  /** The last line has no line end: it may be cut off. */
  endsOpen: boolean;
}

/** Parts bytes into lines, whatever pieces they come in. */
export interface LineSplitter {
  facts: Readonly<LineFacts>;
  /** The lines that end in this piece, blank ones among them. */
  add(bytes: Buffer): Line[];
  /** What came after the last line end, if anything did. */
  end(): Line[];
}

export interface SplitOptions {
  maxLineBytes: number;
  /** A spreadsheet wrote it, perhaps in Windows-1252: it did if a line is no UTF-8 and none before it could only be. */
  mayBeWindows1252?: boolean;
  /** A spreadsheet wrote it, perhaps with carriage returns alone as line ends. */
  mayEndInReturns?: boolean;
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;
/** Pieces of one line before they are joined: a caller may send it byte by byte. */
const MOST_PIECES = 256;

/** Holds no more than the line that is open; one that is too long is skipped without being held. */
export function createLineSplitter({
  maxLineBytes,
  mayBeWindows1252 = false,
  mayEndInReturns = false,
}: SplitOptions): LineSplitter {
  const facts: LineFacts = { encoding: 'utf-8', lines: 0, endsOpen: false };
  const decode = createDecoder(facts, mayBeWindows1252);
  /** Of the line whose end has not come yet. */
  let pieces: Buffer[] = [];
  let size = 0;
  /** A return has ended the line; a newline right behind it belongs to it. */
  let isAfterReturn = false;

  const close = (last: Buffer): Line => {
    const isTooLong = size + last.length > maxLineBytes;
    const bytes = isTooLong || pieces.length === 0 ? last : Buffer.concat([...pieces, last]);
    pieces = [];
    size = 0;
    const line = (facts.lines += 1);
    if (isTooLong) return { line, problem: 'line-too-long' };
    const text = decode(bytes);
    return text === undefined ? { line, problem: 'not-utf8' } : { line, text: withoutMarks(text) };
  };
  const keep = (piece: Buffer): void => {
    size += piece.length;
    if (size > maxLineBytes) pieces = [];
    // A copy, or a few bytes would hold the whole that they came in.
    else if (piece.length > 0) pieces.push(Buffer.from(piece));
    if (pieces.length >= MOST_PIECES) pieces = [Buffer.concat(pieces)];
  };

  return {
    facts,
    add(bytes) {
      const lines: Line[] = [];
      let from = isAfterReturn && bytes[0] === NEWLINE ? 1 : 0;
      if (bytes.length > 0) isAfterReturn = false;
      const find = (mark: number): number => {
        const place = bytes.indexOf(mark, from);
        return place === -1 ? bytes.length : place;
      };
      let newline = find(NEWLINE);
      let back = mayEndInReturns ? find(RETURN) : bytes.length;
      for (let end = Math.min(newline, back); end < bytes.length; end = Math.min(newline, back)) {
        lines.push(close(bytes.subarray(from, end)));
        from = end + (end === back && bytes[end + 1] === NEWLINE ? 2 : 1);
        isAfterReturn = end === back && from === bytes.length;
        if (newline < from) newline = find(NEWLINE);
        if (back < from) back = find(RETURN);
      }
      keep(bytes.subarray(from));
      return lines;
    },
    end() {
      facts.endsOpen = size > 0;
      return facts.endsOpen ? [close(Buffer.alloc(0))] : [];
    },
  };
}

function createDecoder(facts: LineFacts, mayBeWindows1252: boolean): (bytes: Buffer) => string | undefined {
  const windows1252 = new TextDecoder('windows-1252');
  let isSurelyUtf8 = false;
  return (bytes) => {
    if (facts.encoding === 'utf-8') {
      if (isUtf8(bytes)) {
        const text = bytes.toString('utf8');
        isSurelyUtf8 ||= text.length !== bytes.length;
        return text;
      }
      if (isSurelyUtf8 || !mayBeWindows1252) return undefined;
      facts.encoding = 'windows-1252';
    }
    return windows1252.decode(bytes);
  };
}

/** Without the rest of a Windows line end, and without a byte order mark, of which joined files have several. */
function withoutMarks(text: string): string {
  return text.slice(text.startsWith('\uFEFF') ? 1 : 0, text.endsWith('\r') ? -1 : undefined);
}
