import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isErrorWithCode } from '../machine/operating-system-process.js';

/** Tells which sources changed. */
export interface SourceWatch {
  /**
   * Resolves when sources differ from what they were at the last answer, and have been left alone for one look: their
   * names, from the root on. To nothing when the signal aborts.
   */
  next(signal: AbortSignal): Promise<string[]>;
}

type Look = ReadonlyMap<string, string>;

/** What a person takes for at once. A look at 300 files takes 4 ms. */
const lookEveryMs = 300;

/**
 * Looks at the sources again and again instead of being told of events: Node 20 on Linux loses a file that an editor
 * replaced by renaming, a checkout is hundreds of events, and in a mounted folder there may be none. Two looks cannot
 * miss what differs between them.
 */
export function watchSources(root: string, folders: readonly string[]): SourceWatch {
  let known: Look = look(root, folders) ?? new Map();
  return {
    async next(signal) {
      let before = known;
      while (!signal.aborted) {
        await delay(lookEveryMs, undefined, { signal }).catch(() => undefined);
        const now = look(root, folders);
        if (now === undefined || signal.aborted) continue;
        const changed = difference(known, now);
        if (changed.length > 0 && difference(before, now).length === 0) {
          known = now;
          return changed;
        }
        before = now;
      }
      return [];
    },
  };
}

/** Undefined when a file went away meanwhile. What editors leave beside a source has another ending or begins with a dot. */
function look(root: string, folders: readonly string[]): Look | undefined {
  const found = new Map<string, string>();
  try {
    for (const folder of folders) {
      for (const name of readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })) {
        if (!/(^|[\\/])[^.\\/][^\\/]*\.(tsx?|js|css|svg|json)$/.test(name)) continue;
        const { mtimeMs, size, ino } = statSync(path.join(root, folder, name));
        found.set(path.join(folder, name), `${mtimeMs} ${size} ${ino}`);
      }
    }
    return found;
  } catch (error) {
    if (isErrorWithCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

function difference(one: Look, other: Look): string[] {
  const names = new Set([...one.keys(), ...other.keys()]);
  return [...names].filter((name) => one.get(name) !== other.get(name)).toSorted();
}
