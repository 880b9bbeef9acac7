/** Every release with its last migration, oldest first: `npm run release` adds a line. */
export const RELEASES: readonly { version: string; last: string }[] = [];
