import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** The flags of Node under which one of our programs runs: from sources through tsx, from dist as it is. */
export function preloadFlags(entry: string): string[] {
  const extension = path.extname(import.meta.filename);
  const exitWithParent = path.join(import.meta.dirname, `exit-with-parent${extension}`);
  const needsTsx = [entry, exitWithParent].some((file) => file.endsWith('ts'));
  // Resolved from here: a bare name would be looked up from the working directory.
  const tsx = needsTsx ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href] : [];
  return ['--enable-source-maps', ...tsx, '--import', pathToFileURL(exitWithParent).href];
}
