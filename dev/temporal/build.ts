import path from 'node:path';
import { temporalCliVersion } from '../find-temporal.js';
import { buildWithGo, type GoBuildOptions } from '../machine/go-build.js';

const MAIN_PACKAGE = 'github.com/temporalio/cli/cmd/temporal';

/**
 * Builds the CLI from the Go module proxy with the Go that is on the PATH, telling every few seconds how far it is.
 *
 * @returns the path of the program in `folder`
 */
export async function buildTemporal(options: GoBuildOptions): Promise<string> {
  const main = `${MAIN_PACKAGE}@${temporalCliVersion}`;
  await buildWithGo(
    {
      name: 'the Temporal CLI',
      faster:
        '`brew install temporal`, or any Temporal CLI on the PATH or in TEMPORAL_CLI_PATH, or a way to https://temporal.download',
      // Only a module of its own can be asked what a program is made of; without that number the build goes on just as well.
      prepare: async (runGo) => {
        await runGo('mod', 'init', 'count');
        await runGo('get', main);
      },
      packages: [MAIN_PACKAGE],
      needsModule: false,
      build: (runGo) => runGo('install', '-v', main),
    },
    options,
  );
  return path.join(options.folder, 'temporal');
}
