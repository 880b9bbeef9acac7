const FIRST_REST_MS = 250;
const LONGEST_REST_MS = 5_000;

/** Does something until it succeeds, with growing rests: at a start what we depend on may come up after us. */
export async function keepTrying<T>(
  action: () => Promise<T>,
  { onFailure }: { onFailure: (error: unknown) => void },
): Promise<T> {
  for (let restMs = FIRST_REST_MS; ; restMs = Math.min(restMs * 2, LONGEST_REST_MS)) {
    try {
      return await action();
    } catch (error) {
      onFailure(error);
      await new Promise((resolve) => setTimeout(resolve, restMs));
    }
  }
}
