import { setTimeout as delay } from 'node:timers/promises';

/** Asks again until the answer is neither undefined nor false; fails with what was awaited after 15 s. */
export async function until<T>(what: string, ask: () => T | Promise<T>): Promise<NonNullable<T>> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`not within 15 s: ${what}`);
    await delay(20);
  }
}
