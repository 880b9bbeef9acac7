import type { Readable } from 'node:stream';
import { createLineSplitter, type Line } from './split-lines.js';
import { areTooSmall, tooSmall } from './too-small.js';

export interface LineReader {
  /** Up to `most` of the lines that have arrived, as soon as there is one; empty at the end. Blank lines are left out. */
  next(most: number): Promise<Line[]>;
  /** The stream ended before its end: what came after the last newline was dropped. */
  isBroken(): boolean;
  /** What it broke with, when that was an error. */
  fault(): unknown;
}

/** Characters and lines that wait for the reader before the stream is paused. */
const MOST_WAITING_LENGTH = 2_000_000;
const MOST_WAITING_LINES = 2_000;

/**
 * Reads a request line by line with bounded memory: it is paused while enough lines wait. Lines are taken off the stream
 * as they arrive, since what is still in its buffer when a connection breaks is lost. It breaks by itself where lines are
 * too small to be anything; what comes after them is dropped.
 */
export function createLineReader(stream: Readable, { maxLineBytes }: { maxLineBytes: number }): LineReader {
  const splitter = createLineSplitter({ maxLineBytes });
  const waiting: Line[] = [];
  let waitingLength = 0;
  const came = { items: 0, bytes: 0 };
  let ended = false;
  let broken = false;
  let fault: unknown;
  let arrived: () => void = () => undefined;

  const take = (lines: readonly Line[]): void => {
    for (const line of lines) {
      if ('text' in line && line.text.trim() === '') continue;
      came.items += 1;
      came.bytes += 'problem' in line && line.problem === 'line-too-long' ? maxLineBytes : lengthOf(line);
      if (areTooSmall(came)) return onEnd(false, tooSmall());
      waiting.push(line);
      waitingLength += lengthOf(line);
    }
  };
  const onEnd = (complete: boolean, error?: unknown): void => {
    if (ended) return;
    ended = true;
    broken = !complete;
    fault = error;
    if (complete) take(splitter.end());
    arrived();
  };

  stream.on('data', (chunk: Buffer) => {
    if (ended) return;
    take(splitter.add(chunk));
    if (waitingLength > MOST_WAITING_LENGTH || waiting.length > MOST_WAITING_LINES) stream.pause();
    arrived();
  });
  stream.once('end', () => onEnd(true));
  stream.on('error', (error) => onEnd(false, error));
  stream.once('close', () => onEnd(false));

  return {
    async next(most) {
      while (waiting.length === 0 && !ended) await new Promise<void>((resolve) => (arrived = resolve));
      const taken = waiting.splice(0, most);
      for (const line of taken) waitingLength -= lengthOf(line);
      const isLow = waiting.length < MOST_WAITING_LINES / 2 && waitingLength < MOST_WAITING_LENGTH / 2;
      if (stream.isPaused() && isLow) stream.resume();
      return taken;
    },
    isBroken: () => broken,
    fault: () => fault,
  };
}

function lengthOf(line: Line): number {
  return 'text' in line ? line.text.length : 0;
}
