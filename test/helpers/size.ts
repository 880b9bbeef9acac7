/**
 * The full number in `npm run test:full`, a smaller one in `npm test`: for promises that hold at any size, where the full
 * one costs seconds and shows only that it holds there too.
 */
export function sized({ full, quick }: { full: number; quick: number }): number {
  return process.env['TEST_SIZE'] === 'full' ? full : quick;
}

/** For `describe` and `test`: what takes long and breaks seldom runs in `npm run test:full`, and by itself. */
export const onlyFull = { skip: process.env['TEST_SIZE'] === 'quick' && 'runs in npm run test:full' };
