import type { Caller } from '../api/callers.js';

/**
 * What pages that refresh themselves ask the API, asked once for all who look at the same within some seconds: ten viewers
 * cost the database what one costs. An answer is told only to who sees the same platforms and may do the same; whoever
 * comes by a link or a form always asks anew, and so sees what was just done.
 */
export interface SharedReads {
  read(caller: Caller, url: string, ask: () => Promise<Answer>): Promise<Answer>;
  /** Something was done: what was read before may be over. */
  forget(): void;
}

export interface Answer {
  statusCode: number;
  payload: string;
}

/** As long as what the API itself says of how the whole goes is good for. */
const FRESH_MS = 3_000;
/** Of a page or two for each of some viewers who all look at something else. */
const MOST_KEPT = 100;

export function createSharedReads({ now }: { now: () => Date }): SharedReads {
  const kept = new Map<string, { at: number; answer: Promise<Answer> }>();
  return {
    read({ platforms, scopes }, url, ask) {
      const name = JSON.stringify([platforms && platforms.toSorted(), scopes.toSorted(), url]);
      const at = now().getTime();
      const known = kept.get(name);
      if (known && at - known.at < FRESH_MS) return known.answer;
      for (const [other, { at: readAt }] of kept) {
        if (at - readAt < FRESH_MS && kept.size < MOST_KEPT) break;
        kept.delete(other);
      }
      const answer = ask();
      kept.set(name, { at, answer });
      const forget = (): void => void (kept.get(name)?.answer === answer && kept.delete(name));
      // A failure is told to those who wait for it, and to nobody else.
      answer.then(({ statusCode }) => statusCode >= 400 && forget(), forget);
      return answer;
    },
    forget: () => kept.clear(),
  };
}
