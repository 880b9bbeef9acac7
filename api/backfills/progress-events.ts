import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { BACKFILL_ENDS } from '../../domain/backfill.js';
import type { BackfillRecord } from '../../db/backfills/reader.js';
import { ProblemError } from '../problems.js';
import { toProgress } from './to-backfill.js';

const LOOK_EVERY_MS = 1_000;
/** Proxies drop connections that say nothing. */
const SAY_SOMETHING_MS = 15_000;
/** Open at once in one process, and of one API key: each costs a statement a second, unless others of the key look at the same. */
const MOST_OPEN = 64;
const MOST_OPEN_PER_KEY = 16;

/** Whose look at which backfill. */
export interface Watcher {
  id: string;
  apiKey: string;
  platforms: readonly string[] | null;
}

export interface ProgressEvents {
  /**
   * Server-sent events: one whenever something has changed, and a last one, `end`, when the backfill has ended; or `stopping`.
   * What nobody reads stops the looking, and the server closes a connection whose answer nobody takes.
   * https://html.spec.whatwg.org/multipage/server-sent-events.html
   * `assertVisible` is asked once there is a place, so that whom there is none for costs no statement.
   * @throws {ProblemError} when too many are open, or what `assertVisible` throws
   */
  open(watcher: Watcher, assertVisible: () => Promise<unknown>): Promise<Readable>;
  /** Ends all of them with a word; none is opened from now on. */
  stop(): void;
}

export function createProgressEvents(find: (watcher: Watcher) => Promise<BackfillRecord | undefined>): ProgressEvents {
  /** By place, whose it is. */
  const open = new Map<symbol, string>();
  const looks = new Map<string, { at: number; found: Promise<BackfillRecord | undefined> }>();
  const stopping = new AbortController();

  const look = async (watcher: Watcher): Promise<BackfillRecord | undefined> => {
    const name = JSON.stringify([watcher.apiKey, watcher.id]);
    const last = looks.get(name);
    // Those who look once a second are never all of the same moment.
    if (last && performance.now() - last.at < LOOK_EVERY_MS / 2) return last.found;
    const mine = { at: performance.now(), found: find(watcher) };
    looks.set(name, mine);
    return mine.found;
  };

  return {
    async open(watcher, assertVisible) {
      const ofKey = [...open.values()].filter((apiKey) => apiKey === watcher.apiKey).length;
      if (open.size >= MOST_OPEN || ofKey >= MOST_OPEN_PER_KEY || stopping.signal.aborted) {
        throw new ProblemError('too-many-streams', 'Close some that are open, or come again when others have ended.', {
          headers: { 'retry-after': '5' },
        });
      }
      const place = Symbol(watcher.id);
      const leave = (): void => {
        open.delete(place);
        if (open.size === 0) looks.clear();
      };
      open.set(place, watcher.apiKey);
      await assertVisible().catch((error: unknown) => {
        leave();
        throw error;
      });
      const closed = new AbortController();
      const parts = events(() => look(watcher), { closed: closed.signal, stopping: stopping.signal });
      return toStream(parts, () => {
        closed.abort();
        leave();
      });
    },
    stop: () => stopping.abort(),
  };
}

async function* events(
  find: () => Promise<BackfillRecord | undefined>,
  { closed, stopping }: { closed: AbortSignal; stopping: AbortSignal },
): AsyncGenerator<string, void, void> {
  const signal = AbortSignal.any([closed, stopping]);
  let told = '';
  let toldAt = performance.now();
  while (!signal.aborted) {
    const record = await find();
    if (!record) return;
    const hasEnded = BACKFILL_ENDS.includes(record.state);
    const data = JSON.stringify({ state: record.state, ...toProgress(record) });
    if (data !== told || hasEnded) {
      yield `event: ${hasEnded ? 'end' : 'progress'}\ndata: ${data}\n\n`;
      told = data;
      toldAt = performance.now();
    } else if (performance.now() - toldAt > SAY_SOMETHING_MS) {
      yield ': still here\n\n';
      toldAt = performance.now();
    }
    if (hasEnded) return;
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  if (stopping.aborted) yield 'event: stopping\ndata: {}\n\n';
}

/** Unlike `Readable.from`, which lets a generator go on until its next part before it tells it that nobody wants one. */
function toStream(parts: AsyncGenerator<string, void, void>, onClosed: () => void): Readable {
  return new Readable({
    read() {
      parts.next().then(
        ({ value }) => this.push(value ?? null),
        (error: unknown) => this.destroy(error instanceof Error ? error : new Error(String(error))),
      );
    },
    destroy(error, callback) {
      onClosed();
      callback(error);
    },
  });
}
