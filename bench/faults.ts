import { parseArgs } from 'node:util';
import { USUAL_FAULTS } from './fault-plan.js';
import { joinRounds, type Outcome } from './figures.js';
import { wholeNumber } from './flags.js';
import { startBenchStack, type BenchStack } from './stack.js';
import { startStub } from './stub-client.js';
import { arrivedRight, ratiosOf, type Measured } from './submit-report.js';
import { measureRound } from './submit-round.js';

export const FAULTS_USAGE = 'faults [--scores 10000] [--runs 1]';

const SHAPE = { courses: 50, inFlight: 64, delayMs: 20, faults: USUAL_FAULTS };

/**
 * The same as submit while the stub refuses some of the first calls, against a bare loop that lets only the refused score
 * rest. The last score counts, so resting for longer than the LMS asked shows. Right when every score arrived exactly
 * once, and none before its `Retry-After`.
 */
export async function faults(args: readonly string[], print: (text: string) => void): Promise<Outcome> {
  const options = { scores: { type: 'string', default: '10000' }, runs: { type: 'string', default: '1' } } as const;
  const { values } = parseArgs({ args: [...args], options });
  const scores = wholeNumber('--scores', values.scores, SHAPE.courses);
  const runs = wholeNumber('--runs', values.runs, 1);
  const stub = await startStub({ delayMs: 0 });
  let stack: BenchStack | undefined;
  try {
    stack = await startBenchStack({ ltiaasUrl: stub.url, say: print });
    const measured: Measured[] = [];
    for (let run = 1; run <= runs; run += 1) {
      measured.push(await measureRound(stack, stub, { ...SHAPE, scores, name: `faults-${run}` }, print));
    }
    return {
      isRight: measured.every(({ passback }) => arrivedRight(passback)),
      figures: joinRounds(measured.map((one) => ({ 'faults: 2 % 503, 1 % 429 ÷ bare loop': ratiosOf(one).whole }))),
    };
  } finally {
    await stack?.stop();
    await stub.stop();
  }
}
