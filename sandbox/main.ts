import { buildSandbox } from './app.js';

/** The sandbox as its own process: one line of JSON on standard output once it listens, then silence. */
const {
  SANDBOX_HOST: host = '127.0.0.1',
  SANDBOX_PORT: port = '0',
  LTIAAS_API_KEY: apiKey = 'sandbox-api-key',
} = process.env;

const app = buildSandbox({ apiKey });

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    // Whatever still runs after this long hangs on purpose.
    setTimeout(() => process.exit(0), 500).unref();
    app.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
}

const url = await app.listen({ host, port: Number(port) }).catch((error: unknown) => {
  const why = error instanceof Error ? error.message : String(error);
  process.stderr.write(`SANDBOX_HOST and SANDBOX_PORT must be where this can listen: ${why}\n`);
  process.exit(1);
});
process.stdout.write(`${JSON.stringify({ ready: true, url })}\n`);
