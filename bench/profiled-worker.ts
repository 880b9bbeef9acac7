/**
 * The worker under the CPU profiler: writes BENCH_PROFILE/worker.cpuprofile (for Chrome's or VS Code's viewer) when it
 * ends. A program around the worker, since Node 20 takes --cpu-prof from no environment variable.
 */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import path from 'node:path';

const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.setSamplingInterval', { interval: 500 });
session.post('Profiler.start');
// Within one thread the inspector answers before post() returns, so this works in an exit handler.
process.once('exit', () =>
  session.post('Profiler.stop', (error, answer) => {
    const file = path.join(process.env['BENCH_PROFILE'] ?? '.', 'worker.cpuprofile');
    if (!error) writeFileSync(file, JSON.stringify(answer.profile));
  }),
);

await import('../worker/main.js');
