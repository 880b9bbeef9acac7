import path from 'node:path';
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { startNodeProcess } from '../dev/processes.js';

const StubReportSchema = Type.Object({
  received: Type.Integer(),
  /** Milliseconds since 1970 of the first and the last score's arrival; 0 when none came. */
  firstAtMs: Type.Number(),
  lastAtMs: Type.Number(),
  mostInFlight: Type.Integer(),
  arrivals: Type.Array(Type.Object({ lineItemId: Type.String(), userId: Type.String() })),
});
/** What the stub has seen since its last reset. */
export type StubReport = Static<typeof StubReportSchema>;

const readReport = Compile(StubReportSchema);
const readProgress = Compile(Type.Object({ received: Type.Integer() }));
const readReady = Compile(Type.Object({ port: Type.Integer() }));

export interface Stub {
  url: string;
  pid: number;
  received(): Promise<number>;
  report(): Promise<StubReport>;
  /** Forgets what came. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the stub in a process of its own. */
export async function startStub({ delayMs }: { delayMs: number }): Promise<Stub> {
  const stub = await startNodeProcess({
    name: 'stub',
    entry: path.join(import.meta.dirname, `stub${path.extname(import.meta.filename)}`),
    env: { ...process.env, BENCH_DELAY_MS: String(delayMs) },
    readyPattern: /"ready":\s*true/,
    stopTimeoutMs: 1_000,
  });
  const { port } = readReady.Parse(JSON.parse(stub.readyLine ?? '{}'));
  const url = `http://127.0.0.1:${port}`;
  const get = async (part: string): Promise<unknown> => (await fetch(`${url}/bench/${part}`)).json();
  return {
    url,
    pid: stub.pid,
    received: async () => readProgress.Parse(await get('progress')).received,
    report: async () => readReport.Parse(await get('report')),
    reset: async () => void (await get('reset')),
    stop: () => stub.stop(),
  };
}
