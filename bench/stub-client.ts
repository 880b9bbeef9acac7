import path from 'node:path';
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { startNodeProcess } from '../dev/processes.js';

const StubReportSchema = Type.Object({
  /** Scores that were taken. */
  received: Type.Integer(),
  /** Calls that were refused as planned. */
  refused: Type.Integer(),
  /** Calls that came again before the time that their `Retry-After` asked for. */
  tooSoon: Type.Integer(),
  /** Milliseconds since 1970 of the first call and of the last score that was taken; 0 when none came. */
  firstAtMs: Type.Number(),
  lastAtMs: Type.Number(),
  mostInFlight: Type.Integer(),
  arrivals: Type.Array(
    Type.Object({
      ...{ lineItemId: Type.String(), userId: Type.String(), given: Type.Number() },
      atMs: Type.Number(),
    }),
  ),
});
/** What the stub has seen since its last reset. */
export type StubReport = Static<typeof StubReportSchema>;

const BehaviourSchema = Type.Object({
  /** How long an answer takes, in milliseconds. */
  delayMs: Type.Integer({ minimum: 0 }),
  faults: Type.Optional(Type.Object({ seed: Type.String(), unavailable: Type.Number(), throttled: Type.Number() })),
});
export type StubBehaviour = Static<typeof BehaviourSchema>;

const behaviourReader = Compile(BehaviourSchema);
const readReport = Compile(StubReportSchema);
const readProgress = Compile(Type.Object({ received: Type.Integer() }));
const readReady = Compile(Type.Object({ port: Type.Integer() }));

export function readBehaviour(text: string): StubBehaviour {
  return behaviourReader.Parse(JSON.parse(text));
}

export interface Stub {
  url: string;
  pid: number;
  received(): Promise<number>;
  report(): Promise<StubReport>;
  /** Forgets what came, and goes on in this way. */
  reset(behaviour: StubBehaviour): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the stub in a process of its own. */
export async function startStub(behaviour: StubBehaviour): Promise<Stub> {
  const stub = await startNodeProcess({
    name: 'stub',
    entry: path.join(import.meta.dirname, `stub${path.extname(import.meta.filename)}`),
    env: { ...process.env },
    readyPattern: /"ready":\s*true/,
    stopTimeoutMs: 1_000,
  });
  const { port } = readReady.Parse(JSON.parse(stub.readyLine ?? '{}'));
  const url = `http://127.0.0.1:${port}`;
  const get = async (part: string): Promise<unknown> => (await fetch(`${url}/bench/${part}`)).json();
  const reset = async (next: StubBehaviour): Promise<void> => {
    await get(`reset?${encodeURIComponent(JSON.stringify(next))}`);
  };
  await reset(behaviour);
  return {
    url,
    pid: stub.pid,
    received: async () => readProgress.Parse(await get('progress')).received,
    report: async () => readReport.Parse(await get('report')),
    reset,
    stop: () => stub.stop(),
  };
}
