import { execFileSync } from 'node:child_process';
import { root } from '../helpers/repository.js';

/** What git keeps; undefined in a copy without its history. */
export function trackedFiles(): string[] | undefined {
  try {
    const list = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8', stdio: 'pipe' });
    return list.split('\0').filter((name) => name !== '');
  } catch {
    return undefined;
  }
}
