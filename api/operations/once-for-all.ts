/** Reads once for all who ask within `freshMs`; whoever comes while it reads waits for the same. Rejects as `read` does. */
export function onceForAll<T>(read: () => Promise<T>, freshMs: number): () => Promise<T> {
  let known: { at: number; value: T } | undefined;
  let flight: Promise<T> | undefined;
  const look = async (): Promise<T> => {
    try {
      const value = await read();
      known = { at: performance.now(), value };
      return value;
    } finally {
      flight = undefined;
    }
  };
  return async () => {
    if (known && performance.now() - known.at < freshMs) return known.value;
    flight ??= look();
    return flight;
  };
}
