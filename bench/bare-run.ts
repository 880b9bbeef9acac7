import path from 'node:path';
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { runNodeProgram } from '../dev/processes.js';

const BareLoopInputSchema = Type.Object({
  /** Of the stub. */
  url: Type.String(),
  stubPid: Type.Integer(),
  scores: Type.Integer(),
  courses: Type.Integer(),
  /** Sets runs apart; see workload.ts. */
  name: Type.String(),
  inFlight: Type.Integer(),
  /** Answers may be refusals, to be called again after their rest. */
  meetsFaults: Type.Boolean(),
});
export type BareLoopInput = Static<typeof BareLoopInputSchema>;

const BareLoopResultSchema = Type.Object({
  /** When the first call began, in milliseconds since 1970. */
  startedAtMs: Type.Number(),
  /** CPU seconds of the loop and the stub, between the first call's begin and the last one's answer. */
  cpu: Type.Optional(Type.Record(Type.String(), Type.Number())),
  otherCores: Type.Optional(Type.Number()),
});
export type BareLoopResult = Static<typeof BareLoopResultSchema>;

const inputReader = Compile(BareLoopInputSchema);
const resultReader = Compile(BareLoopResultSchema);

export function readBareLoopInput(text: string): BareLoopInput {
  return inputReader.Parse(JSON.parse(text));
}

/** Runs the loop to its end in a process of its own. */
export async function runBareLoop(input: BareLoopInput): Promise<BareLoopResult> {
  let last = '';
  await runNodeProgram({
    name: 'bare loop',
    entry: path.join(import.meta.dirname, `bare-loop${path.extname(import.meta.filename)}`),
    env: { ...process.env, BENCH_INPUT: JSON.stringify(input) },
    onLine: (line) => (last = line),
    // Without a pattern the output is not read at all.
    readyPattern: /^\{/,
    signal: AbortSignal.timeout(120_000),
  });
  return resultReader.Parse(JSON.parse(last));
}
