/**
 * A process that stops itself between asking for a connection and getting it, as a paused worker would. Arguments: base
 * URL, and the milliseconds within which the call must begin. Prints the status, or the kind of the error.
 */
import { createHttp } from '../../ltiaas/http.js';
import { LtiaasError } from '../../ltiaas/error.js';

const [baseUrl = '', beginInMs = ''] = process.argv.slice(2);
const http = createHttp({ baseUrl, secrets: [] });
const ms = Number(beginInMs);
const call = http.send({
  method: 'POST',
  template: '/x',
  path: '/x',
  authorization: 'A',
  secrets: [],
  body: {},
  beginBy: { monotonicMs: performance.now() + ms, wallMs: Date.now() + ms },
});
process.kill(process.pid, 'SIGSTOP');
process.stdout.write(
  await call.then(
    ({ status }) => String(status),
    (error: unknown) => (error instanceof LtiaasError ? error.kind : String(error)),
  ),
);
await http.close();
