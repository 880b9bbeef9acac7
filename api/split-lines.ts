import { isUtf8 } from 'node:buffer';

/** One line, numbered from 1 as editors do, or why it cannot be read. */
export type Line = { line: number; text: string } | { line: number; problem: 'line-too-long' | 'not-utf8' };

export type Encoding = 'utf-8' | 'windows-1252';

/** What was found out about the lines so far. */
export interface LineFacts {
  encoding: Encoding;
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
  /** `unknown`: to be found out from all lines, whose texts are only as good as their ASCII meanwhile. */
  encoding?: Encoding | 'unknown';
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
  encoding = 'utf-8',
  mayEndInReturns = false,
}: SplitOptions): LineSplitter {
  const facts: LineFacts = { encoding: encoding === 'unknown' ? 'utf-8' : encoding, lines: 0, endsOpen: false };
  const decode = encoding === 'unknown' ? createGuess(facts) : createDecoder(encoding);
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
        isAfterReturn = end === back && end + 1 === bytes.length;
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

type Decode = (bytes: Buffer) => string | undefined;

function createDecoder(encoding: Encoding): Decode {
  if (encoding === 'utf-8') return (bytes) => (isUtf8(bytes) ? bytes.toString('utf8') : undefined);
  const windows1252 = new TextDecoder('windows-1252');
  return (bytes) => windows1252.decode(bytes);
}

/**
 * It is Windows-1252 if lines are no UTF-8, and nothing in it can only be UTF-8: whoever wrote one letter in UTF-8 wrote
 * all of them so, and a line that is none was cut.
 */
function createGuess(facts: LineFacts): Decode {
  let isSurelyUtf8 = false;
  return (bytes) => {
    const text = bytes.toString('utf8');
    const isValid = isUtf8(bytes);
    isSurelyUtf8 ||= isValid ? text.length !== bytes.length : /[^\p{ASCII}\uFFFD]/u.test(text);
    if (isSurelyUtf8) facts.encoding = 'utf-8';
    else if (!isValid) facts.encoding = 'windows-1252';
    return text;
  };
}

/** Without the rest of a Windows line end, and without a byte order mark, of which joined files have several. */
function withoutMarks(text: string): string {
  return text.slice(text.startsWith('\uFEFF') ? 1 : 0, text.endsWith('\r') ? -1 : undefined);
}
