import type { Readable } from 'node:stream';

export type Line = { text: string } | { problem: 'line-too-long' | 'not-utf8' };

export interface LineReader {
  /** Up to `most` of the lines that have arrived, as soon as there is one; empty at the end. Blank lines are left out. */
  next(most: number): Promise<Line[]>;
  /** The stream ended before its end: what came after the last newline was dropped. */
  isBroken(): boolean;
}

const NEWLINE = 0x0a;
/** Bytes and lines that wait for the reader before the stream is paused. */
const MOST_WAITING_BYTES = 2_000_000;
const MOST_WAITING_LINES = 2_000;
/** Parts of one line before they are joined: a caller may send it byte by byte. */
const MOST_PARTS = 256;

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Parts a stream into lines with bounded memory: it is paused while enough lines wait, and a line that is too long is
 * skipped without being held. Lines are taken off the stream as they arrive, since what is still in its buffer when a
 * connection breaks is lost. A byte order mark is dropped.
 */
export function createLineReader(stream: Readable, { maxLineBytes }: { maxLineBytes: number }): LineReader {
  const waiting: { line: Line; bytes: number }[] = [];
  let waitingBytes = 0;
  const open = createOpenLine(maxLineBytes);
  let ended = false;
  let broken = false;
  let arrived: () => void = () => undefined;

  const closeLine = (): void => {
    const { line, bytes } = open.close();
    if ('text' in line && line.text.trim() === '') return;
    waiting.push({ line, bytes });
    waitingBytes += bytes;
  };
  const onData = (chunk: Buffer): void => {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      open.add(chunk.subarray(from, at));
      closeLine();
      from = at + 1;
    }
    open.add(chunk.subarray(from));
    if (waitingBytes > MOST_WAITING_BYTES || waiting.length > MOST_WAITING_LINES) stream.pause();
    arrived();
  };
  const onEnd = (complete: boolean): void => {
    if (ended) return;
    ended = true;
    broken = !complete;
    if (complete && !open.isEmpty()) closeLine();
    arrived();
  };

  stream.on('data', onData);
  stream.once('end', () => onEnd(true));
  stream.on('error', () => onEnd(false));
  stream.once('close', () => onEnd(false));

  return {
    async next(most) {
      while (waiting.length === 0 && !ended) await new Promise<void>((resolve) => (arrived = resolve));
      const taken = waiting.splice(0, most);
      for (const { bytes } of taken) waitingBytes -= bytes;
      const isLow = waiting.length < MOST_WAITING_LINES / 2 && waitingBytes < MOST_WAITING_BYTES / 2;
      if (stream.isPaused() && isLow) stream.resume();
      return taken.map(({ line }) => line);
    },
    isBroken: () => broken,
  };
}

/** The line whose end has not come yet; of one that is too long only the length is kept. */
interface OpenLine {
  add(part: Buffer): void;
  isEmpty(): boolean;
  /** `bytes`: what the line holds in memory. */
  close(): { line: Line; bytes: number };
}

function createOpenLine(maxBytes: number): OpenLine {
  let parts: Buffer[] = [];
  let bytes = 0;
  return {
    add(part) {
      bytes += part.length;
      if (bytes > maxBytes) parts = [];
      else if (part.length > 0) parts.push(part);
      if (parts.length >= MOST_PARTS) parts = [Buffer.concat(parts)];
    },
    isEmpty: () => bytes === 0,
    close() {
      const isTooLong = bytes > maxBytes;
      const closed = {
        line: isTooLong ? { problem: 'line-too-long' as const } : decode(Buffer.concat(parts)),
        bytes: isTooLong ? 0 : bytes,
      };
      parts = [];
      bytes = 0;
      return closed;
    },
  };
}

function decode(bytes: Buffer): Line {
  try {
    return { text: decoder.decode(bytes) };
  } catch {
    return { problem: 'not-utf8' };
  }
}
