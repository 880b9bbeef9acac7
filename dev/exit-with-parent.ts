/**
 * Preloaded into our own processes (`node --import`): ends them in an orderly way when the process that started them
 * is gone, even by kill -9, which closes the IPC channel and gives nobody a chance to say goodbye.
 */
const graceMs = 15_000;

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
