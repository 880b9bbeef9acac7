/**
 * Preloaded by the scripts of package.json: ends a program in good order when the npm that started it is gone, even by
 * kill -9, which npm cannot pass on. Plain JavaScript, since worker threads take over Node's flags, but not tsx.
 */
import { clearInterval, setInterval, setTimeout } from 'node:timers';
import { isMainThread } from 'node:worker_threads';

const EVERY_MS = 250;
/** Above what a stopping worker, and the stack as a whole, give to what is under way. */
const GRACE_MS = 60_000;

if (isMainThread && process.env.npm_lifecycle_event !== undefined) {
  const starter = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === starter) return;
    clearInterval(watch);
    // Whoever read the output went with npm. A line that can't be written is no reason to fail in the goodbye.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS).unref();
  }, EVERY_MS);
  watch.unref();
}
