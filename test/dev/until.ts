import { setTimeout as delay } from 'node:timers/promises';

/** Asks again until the answer is neither undefined nor false; fails with what was awaited after 15 s, or so many. */
export async function until<T>(what: string, ask: () => T | Promise<T>, seconds = 15): Promise<NonNullable<T>> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`);
    await delay(20);
  }
}
