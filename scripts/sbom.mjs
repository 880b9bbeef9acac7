/**
 * `npm run --silent sbom`: prints what the image is made of as CycloneDX: each package that is installed without
 * developers' tools, with its version, digest and licence. npm's own `--omit=dev` leaves out whatever a tool needs, too,
 * such as Temporal's client.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { status, stdout } = spawnSync(
  'npm',
  ['sbom', '--package-lock-only', '--workspaces=false', '--sbom-format=cyclonedx', '--sbom-type=application'],
  { cwd: root, encoding: 'utf8', maxBuffer: 100_000_000, stdio: ['ignore', 'pipe', 'inherit'] },
);
if (status !== 0) process.exit(status ?? 1);

const list = JSON.parse(stdout);
const isTool = ({ properties = [] }) => properties.some(({ name }) => name === 'cdx:npm:package:development');
const tools = new Set(list.components.filter(isTool).map((component) => component['bom-ref']));
const components = list.components.filter((component) => !isTool(component));
const dependencies = list.dependencies
  .filter(({ ref }) => !tools.has(ref))
  .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((other) => !tools.has(other)) }));

// npm calls it after the folder that it lies in.
const { name } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const metadata = { ...list.metadata, component: { ...list.metadata.component, name } };
console.log(JSON.stringify({ ...list, metadata, components, dependencies }, null, 2));
