/** Numbers from 0 to 1, the same for the same seed: mulberry32. Not for anything that must not be guessed. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A draw that is never negative and has a long tail, as answers of servers and sizes of schools have: lognormal. */
export function drawAround(random: () => number, { median, spread }: { median: number; spread: number }): number {
  if (spread === 0) return median;
  // Box and Muller; 1 - x keeps nought out of the logarithm.
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return median * Math.exp(spread * normal);
}
