/**
 * The image's HEALTHCHECK: asks whichever of our programs is the container's own, at the port where it answers. A program
 * that serves nothing, such as the migrations, is healthy while it runs.
 */
import { readFileSync } from 'node:fs';

const { PORT = '3000', WORKER_HEALTH_PORT = '3001', SANDBOX_PORT = '8090' } = process.env;
const PLACES = [
  ['dist/api/server.js', `${PORT}/readyz`],
  ['dist/worker/main.js', `${WORKER_HEALTH_PORT}/readyz`],
  ['dist/sandbox/main.js', `${SANDBOX_PORT}/`],
];

const command = readFileSync(process.argv[2] ?? '/proc/1/cmdline', 'utf8').split('\0');
const place = PLACES.find(([program]) => command.some((word) => word.endsWith(program)))?.[1];
const isHealthy =
  place === undefined ||
  (await fetch(`http://127.0.0.1:${place}`, { signal: AbortSignal.timeout(4_000) }).then(
    ({ ok }) => ok,
    () => false,
  ));
process.exit(isHealthy ? 0 : 1);
