import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Of this release, by the package.json above the code that runs. */
export function readVersion(folder = import.meta.dirname): string {
  const file = path.join(folder, 'package.json');
  if (!existsSync(file)) return readVersion(path.dirname(folder));
  const said: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const version = typeof said === 'object' && said !== null && 'version' in said ? said.version : undefined;
  return typeof version === 'string' ? version : 'unknown';
}
