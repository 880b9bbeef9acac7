import { mkdirSync } from 'node:fs';
import { joinRounds, type Outcome } from './figures.js';
import { memoryMb } from './process-memory.js';
import { startBenchStack, type BenchStack } from './stack.js';
import { startStub } from './stub-client.js';
import { parseSubmitOptions } from './submit-options.js';
import { arrivedRight, cpuPerThousand, describeConclusion, ratiosOf, type Measured } from './submit-report.js';
import { measureRound } from './submit-round.js';
import { sumActions } from './temporal-actions.js';

/**
 * Measures how fast Passback submits scores, between two runs of a bare loop that sends the same requests to the same
 * stub, for each number of courses and each delay. Right when every score arrived exactly once.
 */
export async function submit(args: readonly string[], print: (text: string) => void): Promise<Outcome> {
  const { scores, courses, inFlight, delaysMs, runs, profile, countsActions } = parseSubmitOptions(args);
  if (profile !== undefined) mkdirSync(profile, { recursive: true });
  const stub = await startStub({ delayMs: 0 });
  let stack: BenchStack | undefined;
  try {
    stack = await startBenchStack({ ltiaasUrl: stub.url, profile, say: print });
    const all: Measured[] = [];
    const rounds: Record<string, number>[] = [];
    for (const count of courses) {
      for (const delayMs of delaysMs) {
        print(`${scores} scores, ${count} courses, ${inFlight} calls in flight, ${delayMs} ms an answer`);
        const measured: Measured[] = [];
        for (let run = 1; run <= runs; run += 1) {
          const round = {
            scores,
            courses: count,
            inFlight,
            delayMs,
            countsActions,
            name: `${count}-${delayMs}-${run}`,
          };
          measured.push(await measureRound(stack, stub, round, print));
        }
        print(describeConclusion(measured));
        rounds.push(...measured.map((one) => figuresOf(one, `${delayMs} ms, ${count} courses`)));
        all.push(...measured);
      }
    }
    rounds.push({ 'worker, peak MB': memoryMb(stack.pids.worker, 'peak') });
    return { isRight: all.every(({ passback }) => arrivedRight(passback)), figures: joinRounds(rounds) };
  } finally {
    await stack?.stop();
    await stub.stop();
  }
}

function figuresOf(measured: Measured, shape: string): Record<string, number> {
  const { passback } = measured;
  const { whole, flowing } = ratiosOf(measured);
  const perThousand = 1_000 / passback.scores;
  return {
    [`submit, ${shape} ÷ bare loop`]: whole,
    [`… from its first call on, ${shape}`]: flowing,
    [`CPU s per 1,000, ${shape}`]: cpuPerThousand(passback, ['worker', 'postgres', 'temporal']),
    [`… bare loop's own, ${shape}`]: cpuPerThousand(measured.bare[0], ['loop']),
    ...(passback.actions && { [`Temporal actions per 1,000, ${shape}`]: sumActions(passback.actions) * perThousand }),
    [`WAL, MB per 1,000, ${shape}`]: (passback.walBytes / 1e6) * perThousand,
  };
}
