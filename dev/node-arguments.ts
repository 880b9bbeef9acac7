import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * The arguments for Node under which one of our programs runs and ends with its parent: from sources through tsx, from
 * dist as it is.
 */
export function nodeArguments(entry: string): string[] {
  const exitWithParent = path.join(import.meta.dirname, `exit-with-parent${path.extname(import.meta.filename)}`);
  const needsTsx = [entry, exitWithParent].some((file) => file.endsWith('ts'));
  // Resolved from here: a bare name would be looked up from the working directory.
  const tsx = needsTsx ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href] : [];
  return ['--enable-source-maps', ...tsx, exitWithParent, entry];
}
