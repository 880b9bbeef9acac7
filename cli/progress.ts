import type { Sink } from './output.js';

/** A line that is drawn over itself. */
export interface Progress {
  /** `done` of the total, and words about it. */
  update(done: number, words: string): void;
  /** Takes it away, so that something else can be written; the next update draws it again. */
  hide(): void;
}

const DRAWN_EVERY_MS = 100;
const CELLS = 24;
const DEFAULT_COLUMNS = 80;

export function createProgress(
  sink: Sink,
  { total, isShown }: { total: number | undefined; isShown: boolean },
): Progress {
  let drawnAt = Number.NEGATIVE_INFINITY;
  let isDrawn = false;
  return {
    update(done, words) {
      if (!isShown || performance.now() - drawnAt < DRAWN_EVERY_MS) return;
      drawnAt = performance.now();
      isDrawn = true;
      const bar = total === undefined ? '' : `${toBar(total === 0 ? 1 : Math.min(1, done / total))} `;
      // A line that is broken cannot be drawn over.
      const room = (sink.columns ?? DEFAULT_COLUMNS) - 1;
      sink.write(`\r\u001b[2K${`${bar}${words}`.slice(0, room)}`);
    },
    hide() {
      if (isDrawn) sink.write('\r\u001b[2K');
      isDrawn = false;
    },
  };
}

function toBar(share: number): string {
  const full = Math.round(share * CELLS);
  return `[${'#'.repeat(full)}${'-'.repeat(CELLS - full)}] ${String(Math.floor(share * 100)).padStart(3)} %`;
}
