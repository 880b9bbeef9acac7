import { within } from '../operations/within.js';

/** A reading that outlives the trouble of its source. Times are in milliseconds. */
export interface LastKnown {
  /**
   * Reads again when the last reading is older than `freshForMs`, and waits for that `patienceMs` at most: what was known
   * before stays as it is meanwhile. Never rejects; one reading is under way at a time, however many ask.
   */
  refresh(): Promise<void>;
  /** Since the last reading that came to its end; null: none has. */
  ageMs(): number | null;
  /** The newest reading ended well, and none is overdue. */
  isWell(): boolean;
}

interface LastKnownOptions<T> {
  read: () => Promise<T>;
  /** All of one reading at once. */
  apply: (facts: T) => void;
  freshForMs: number;
  patienceMs: number;
  now: () => Date;
}

export function createLastKnown<T>({ read, apply, freshForMs, patienceMs, now }: LastKnownOptions<T>): LastKnown {
  let begunAt: number | null = null;
  let goodAt: number | null = null;
  let underWay: Promise<void> | null = null;
  let failed = false;
  let overdue = false;

  const begin = async (): Promise<void> => {
    const at = now().getTime();
    begunAt = at;
    try {
      apply(await read());
      [goodAt, failed] = [at, false];
    } catch {
      failed = true;
    } finally {
      [underWay, overdue] = [null, false];
    }
  };
  return {
    async refresh() {
      if (!underWay) {
        if (begunAt !== null && now().getTime() - begunAt < freshForMs) return;
        underWay = begin();
      }
      const inTime = underWay.then(() => true);
      if (!(await within(inTime, patienceMs, () => false))) overdue = underWay !== null;
    },
    ageMs: () => (goodAt === null ? null : now().getTime() - goodAt),
    isWell: () => goodAt !== null && !failed && !overdue,
  };
}
