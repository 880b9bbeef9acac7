import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { isExecutableFile } from '../find-temporal.js';
import { buildWithGo, type GoBuildOptions, type RunGo } from '../machine/go-build.js';
import { makeOnce } from '../machine/make-once.js';
import { userCache } from '../machine/user-cache.js';

/** What the Helm chart is checked with: the program, its package, and the module that this is of. */
const TOOLS = {
  helm: { package: 'helm.sh/helm/v3/cmd/helm', version: 'v3.22.0' },
  'helm-unittest': { package: 'github.com/helm-unittest/helm-unittest/cmd/helm-unittest', version: 'v1.1.2' },
  'kubectl-validate': { package: 'sigs.k8s.io/kubectl-validate', version: 'v0.0.4' },
} as const;

type ToolName = keyof typeof TOOLS;

/** Paths of the programs. */
export type ChartTools = Readonly<Record<ToolName, string>>;

/** Those that were built before; undefined unless all were. */
export function findChartTools(env: NodeJS.ProcessEnv): ChartTools | undefined {
  const tools = pathsIn(folderOf(env));
  return Object.values(tools).every(isExecutableFile) ? tools : undefined;
}

/**
 * Builds them into the user's cache, from the Go module proxy. Repeating is safe: of several at once one builds, and the
 * programs appear in their place together or not at all.
 */
export async function findOrBuildChartTools(options: Omit<GoBuildOptions, 'folder'>): Promise<ChartTools> {
  const found = findChartTools(options.env);
  if (found) return found;
  const target = folderOf(options.env);
  const { onProgress, signal } = options;
  return await makeOnce(path.dirname(target), { doing: 'building them', onProgress, signal }, async () => {
    const now = findChartTools(options.env);
    if (now) return now;
    const folder = mkdtempSync(path.join(path.dirname(target), 'draft-'));
    try {
      await build({ ...options, folder });
      rmSync(target, { recursive: true, force: true });
      renameSync(path.join(folder, 'bin'), target);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    return pathsIn(target);
  });
}

/** What stands on the same libraries is built from one module, so that these are compiled once. */
const MODULES: readonly { name: string; tools: readonly ToolName[]; replace: readonly string[] }[] = [
  {
    name: 'helm and helm-unittest',
    tools: ['helm', 'helm-unittest'],
    // helm-unittest stands on a copy of its own, which `go install` would refuse.
    replace: ['github.com/vmware-labs/yaml-jsonpath@v0.3.2=github.com/helm-unittest/yaml-jsonpath@v0.4.0'],
  },
  // Does not compile with the libraries of a newer Kubernetes, as helm has them.
  { name: 'kubectl-validate', tools: ['kubectl-validate'], replace: [] },
];

/** Into `bin/` in the folder. */
async function build(options: GoBuildOptions): Promise<void> {
  for (const [place, { name, tools, replace }] of MODULES.entries()) {
    const folder = path.join(options.folder, `module-${place}`);
    mkdirSync(folder);
    const packages = tools.map((tool) => TOOLS[tool].package);
    const prepare = async (runGo: RunGo): Promise<void> => {
      await runGo('mod', 'init', 'passback.invalid/chart-tools');
      for (const replacement of replace) await runGo('mod', 'edit', `-replace=${replacement}`);
      await runGo('get', ...tools.map((tool) => `${TOOLS[tool].package}@${TOOLS[tool].version}`));
    };
    const compile = (runGo: RunGo): Promise<string> =>
      runGo('build', '-v', '-ldflags=-s -w', '-o', '../bin/', ...packages);
    await buildWithGo({ name, prepare, packages, needsModule: true, build: compile }, { ...options, folder });
  }
}

function folderOf(env: NodeJS.ProcessEnv): string {
  const versions = Object.values(TOOLS).map((tool) => tool.version);
  return path.join(userCache(env), 'chart-tools', versions.join('_'));
}

function pathsIn(folder: string): ChartTools {
  return {
    helm: path.join(folder, 'helm'),
    'helm-unittest': path.join(folder, 'helm-unittest'),
    'kubectl-validate': path.join(folder, 'kubectl-validate'),
  };
}
