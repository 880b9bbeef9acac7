import { styleText } from 'node:util';
import { createProgress, type Progress } from './progress.js';
import type { Env } from './settings.js';

export type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red';
export type Piece = string | { text: string; style: Style };

/** A stream that may be a terminal. */
export interface Sink extends NodeJS.WritableStream {
  isTTY?: boolean;
  columns?: number;
}

/** Data goes to stdout, and what is said about the work to stderr. */
export interface Output {
  readonly isJson: boolean;
  /** A line of data. Waits until there is room for more. */
  line(...pieces: Piece[]): Promise<void>;
  /** Data as it is: a file, or a secret. */
  raw(text: string): Promise<void>;
  /** One document; `isLine`: one of many, each on a line of its own. */
  json(value: unknown, isLine?: boolean): Promise<void>;
  table(heads: readonly string[], rows: readonly (readonly Piece[])[]): Promise<void>;
  /** A word on the work; none where quiet was asked for. */
  note(...pieces: Piece[]): void;
  /** A word on what went wrong. */
  complain(...pieces: Piece[]): void;
  /** A bar that is drawn on a terminal only. Undefined total: not known. */
  progress(total: number | undefined): Progress;
}

export interface OutputOptions {
  stdout: Sink;
  stderr: Sink;
  env: Env;
  isJson: boolean;
  isQuiet: boolean;
}

export function createOutput({ stdout, stderr, env, isJson, isQuiet }: OutputOptions): Output {
  let bar: Progress | undefined;
  const write = async (text: string): Promise<void> => {
    bar?.hide();
    if (!stdout.write(text)) await new Promise<void>((resolve) => void stdout.once('drain', () => resolve()));
  };
  const toText = (pieces: readonly Piece[], sink: Sink): string =>
    pieces.map((piece) => toStyled(piece, hasColours(sink, env))).join('');
  const say = (pieces: readonly Piece[]): void => {
    bar?.hide();
    stderr.write(`${toText(pieces, stderr)}\n`);
  };
  return {
    isJson,
    line: (...pieces) => write(`${toText(pieces, stdout).trimEnd()}\n`),
    raw: write,
    json: (value, isLine = false) => write(`${toJson(value, isLine ? 0 : 2)}\n`),
    async table(heads, rows) {
      const head = heads.map((text): Piece => ({ text, style: 'bold' }));
      const widths = heads.map((_, place) => Math.max(...[head, ...rows].map((row) => widthOf(row[place]))));
      for (const row of [head, ...rows]) {
        const padded = row.flatMap((piece, place): Piece[] => [
          piece,
          ' '.repeat(2 + (widths[place] ?? 0) - widthOf(piece)),
        ]);
        await write(`${toText(padded, stdout).trimEnd()}\n`);
      }
    },
    note(...pieces) {
      if (!isQuiet) say(pieces);
    },
    complain: (...pieces) => say(pieces),
    progress(total) {
      bar = createProgress(stderr, { total, isShown: stderr.isTTY === true && !isQuiet && env['TERM'] !== 'dumb' });
      return bar;
    },
  };
}

/** https://no-color.org, and what other programs know. */
function hasColours(sink: Sink, env: Env): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0';
  return sink.isTTY === true && env['TERM'] !== 'dumb';
}

function toStyled(piece: Piece, isColoured: boolean): string {
  if (typeof piece === 'string') return toPlain(piece);
  const text = toPlain(piece.text);
  return isColoured ? styleText(piece.style, text, { validateStream: false }) : text;
}

const widthOf = (piece: Piece = ''): number => (typeof piece === 'string' ? piece : piece.text).length;

/** Text from elsewhere must not drive the terminal. */
export function toPlain(text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}

/** JSON escapes the lower control characters only. */
function toJson(value: unknown, indent: number): string {
  const text = JSON.stringify(value, null, indent);
  return text.replaceAll(/[\u007f-\u009f]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
