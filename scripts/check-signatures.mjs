/**
 * `npm run signatures`: whether what is installed was signed by its registry, and where it says from which sources it was
 * built. A registry that serves no signatures, and a machine without a way to the public keys, are named and pass.
 */
import { spawnSync } from 'node:child_process';

// `npm run --silent`, as .ci/run calls this, would have it fail without a word.
const args = ['audit', 'signatures', '--fetch-retries=0', '--loglevel=error'];
const { status, stdout, stderr } = spawnSync('npm', args, { encoding: 'utf8' });
const unreachable =
  /^npm error code (E404|E5\d\d|E[A-Z]*(NOTFOUND|AGAIN|REFUSED|RESET|UNREACH|TIMEDOUT|TIMEOUT))$/m.exec(stderr);
const unsupported = /found no dependencies to audit that were installed from a supported registry/.exec(stderr);

if (status === 0) process.stdout.write(stdout);
else if (unreachable !== null || unsupported !== null)
  console.log(`== skipped: signatures, which could not be had (${unreachable?.[1] ?? 'no signatures'})`);
else {
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  process.exitCode = 1;
}
