export interface OnceOptions {
  /** What was read is told for so long after the reading began, in milliseconds. */
  freshMs: number;
  /** For so long it is still told while the next reading is under way, also if that fails. Default: `freshMs`. */
  usableMs?: number;
}

/** Reads once for all who ask; whoever comes while it reads, and cannot be told what was before, waits. Rejects as `read` does. */
export function onceForAll<T>(read: () => Promise<T>, { freshMs, usableMs = freshMs }: OnceOptions): () => Promise<T> {
  let known: { at: number; value: T } | undefined;
  let flight: Promise<T> | undefined;
  const look = async (): Promise<T> => {
    const at = performance.now();
    try {
      const value = await read();
      known = { at, value };
      return value;
    } finally {
      flight = undefined;
    }
  };
  return async () => {
    const age = known ? performance.now() - known.at : Number.POSITIVE_INFINITY;
    if (known && age < freshMs) return known.value;
    flight ??= look();
    if (!known || age >= usableMs) return flight;
    // Whoever comes when this is old hears of its failure.
    flight.catch(() => undefined);
    return known.value;
  };
}
