import os from 'node:os';
import path from 'node:path';

/** Where what was fetched or built for us is kept: in the user's cache folder, so that a fresh clone finds it. */
export function userCache(env: NodeJS.ProcessEnv): string {
  const set = env['XDG_CACHE_HOME'];
  // The XDG specification has relative paths ignored.
  const cache = set !== undefined && path.isAbsolute(set) ? set : path.join(env['HOME'] ?? os.homedir(), '.cache');
  return path.join(cache, 'passback');
}
