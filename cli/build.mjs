/** `npm run build -w cli`: dist/ as it is published, where the client is a package. */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const dist = path.join(folder, 'dist');
const compiler = path.join(folder, '..', 'node_modules', 'typescript7', 'bin', 'tsc');
const whole = mkdtempSync(path.join(os.tmpdir(), 'passback-cli-'));

try {
  const args = [compiler, '-p', path.join(folder, 'tsconfig.build.json'), '--outDir', whole];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  rmSync(dist, { recursive: true, force: true });
  cpSync(path.join(whole, 'cli'), dist, { recursive: true });
} finally {
  rmSync(whole, { recursive: true, force: true });
}
writeFileSync(path.join(dist, 'passback-client.js'), "export * from '@passback/client';\n");
chmodSync(path.join(dist, 'main.js'), 0o755);
