/** Every release with its last migration, oldest first: `npm run release` adds a line. */
export const RELEASES: readonly { version: string; last: string }[] = [
  { version: '0.1.0', last: '20261128_8300_reach__mind_marks' },
];
