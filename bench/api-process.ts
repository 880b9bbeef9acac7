import path from 'node:path';
import { findFreePort } from '../dev/machine/free-port.js';
import { startNodeProcess } from '../dev/processes.js';
import type { BenchStack } from './stack.js';

/** Passback's API in a process of its own, as in production. */
export interface BenchApi {
  url: string;
  pid: number;
  /** What a caller sends to be let in. */
  headers: { authorization: string };
  stop(): Promise<void>;
}

const KEY = 'bench-key-of-sixteen-or-more';

export async function startApi(stack: BenchStack, env: NodeJS.ProcessEnv = {}): Promise<BenchApi> {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const api = await startNodeProcess({
    name: 'api',
    entry: path.join(import.meta.dirname, `../api/server${path.extname(import.meta.filename)}`),
    env: { PATH: process.env['PATH'], ...stack.env, PORT: String(port), BOOTSTRAP_API_KEY: KEY, ...env },
    readyUrl: `${url}/readyz`,
    stopTimeoutMs: 10_000,
  });
  return { url, pid: api.pid, headers: { authorization: `Bearer ${KEY}` }, stop: () => api.stop() };
}
