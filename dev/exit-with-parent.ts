import { pathToFileURL } from 'node:url';

/**
 * Runs the program argv[2], and ends it in an orderly way when the process that started it is gone, even by kill -9,
 * which closes the IPC channel and gives nobody a chance to say goodbye.
 *
 * It is a program around the program, not a module preloaded by `node --import`: worker threads, such as those in which
 * the Temporal SDK runs workflows, take over Node's flags, but not tsx's way with TypeScript.
 */
const graceMs = 15_000;

const [entry = ''] = process.argv.splice(2, 1);
process.argv[1] = entry;

if (process.channel !== undefined && process.channel !== null) {
  process.once('disconnect', () => {
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), graceMs).unref();
  });
  // Listening must not keep a process alive that has nothing else to do.
  process.channel.unref();
  // Whoever read the output went with the parent. A line that can't be written is no reason to fail in the goodbye.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

await import(pathToFileURL(entry).href);
