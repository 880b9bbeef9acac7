import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { BACKFILL_ENDS } from '../../domain/backfill.js';
import type { BackfillRecord } from '../../db/backfills/reader.js';
import { toProgress } from './to-backfill.js';

const LOOK_EVERY_MS = 1_000;
/** Proxies drop connections that say nothing. */
const SAY_SOMETHING_MS = 15_000;

/**
 * Server-sent events: one whenever something has changed, and a last one, `end`, when the backfill has ended.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function progressEvents(find: () => Promise<BackfillRecord | undefined>): Readable {
  const stop = new AbortController();
  const stream = Readable.from(events(find, stop.signal), { objectMode: false });
  stream.once('close', () => stop.abort());
  return stream;
}

async function* events(
  find: () => Promise<BackfillRecord | undefined>,
  signal: AbortSignal,
): AsyncGenerator<string, void, void> {
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
}
