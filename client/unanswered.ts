import { toLines, type Items } from './lines.js';

/** What is to be sent, of which the lines without an answer are kept to be sent again. Places count from the first item. */
export interface Unanswered {
  /** The first without an answer. */
  first(): number;
  /** The line at a place that is not answered yet; undefined behind the last one. */
  at(place: number): Promise<string | undefined>;
  /** The first one has its answer. */
  drop(): void;
  /** Resolves when fewer than this many wait for their answers. */
  room(most: number): Promise<void>;
  /** What the source failed with. */
  fault(): { error: unknown } | undefined;
  /** Ends the source, as soon as it has given what it was asked for. */
  close(): void;
}

export function createUnanswered(items: Items<unknown>): Unanswered {
  const source = toLines(items);
  const waiting: string[] = [];
  let first = 0;
  let hasEnded = false;
  let fault: { error: unknown } | undefined;
  let reading: Promise<void> = Promise.resolve();
  let dropped: () => void = () => undefined;

  /** One after the other: a request that was given up may still wait for an item, which the next one sends. */
  const readNext = (place: number): Promise<void> => {
    reading = reading.then(async () => {
      if (hasEnded || place < first + waiting.length) return;
      try {
        const { done, value } = await source.next();
        if (done === true) hasEnded = true;
        else waiting.push(value);
      } catch (error) {
        hasEnded = true;
        fault = { error };
      }
    });
    return reading;
  };

  return {
    first: () => first,
    async at(place) {
      if (place >= first + waiting.length) await readNext(place);
      if (fault) throw fault.error;
      return waiting[place - first];
    },
    drop() {
      waiting.shift();
      first += 1;
      dropped();
    },
    async room(most) {
      while (waiting.length >= most) await new Promise<void>((resolve) => (dropped = resolve));
    },
    fault: () => fault,
    close: () => void source.return().catch(() => undefined),
  };
}
