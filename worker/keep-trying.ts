const FIRST_REST_MS = 250;
const LONGEST_REST_MS = 5_000;

/**
 * Does something until it succeeds, with growing rests: at a start what we depend on may come up after us.
 * @throws what `findHopeless` makes of an error that no time heals, told for how long it has been tried, in milliseconds
 */
export async function keepTrying<T>(
  action: () => Promise<T>,
  options: {
    onFailure: (error: unknown) => void;
    findHopeless: (error: unknown, triedMs: number) => Error | undefined;
  },
): Promise<T> {
  const startedAt = performance.now();
  for (let restMs = FIRST_REST_MS; ; restMs = Math.min(restMs * 2, LONGEST_REST_MS)) {
    try {
      return await action();
    } catch (error) {
      const hopeless = options.findHopeless(error, performance.now() - startedAt);
      if (hopeless !== undefined) throw hopeless;
      options.onFailure(error);
      await new Promise((resolve) => setTimeout(resolve, restMs));
    }
  }
}
