import { parseArgs } from 'node:util';
import { joinRounds, median, type Outcome } from './figures.js';
import { wholeNumber } from './flags.js';
import { describeNight, measureNight, type MeasuredNight } from './measure-night.js';
import { seedIdle, seedNight, type NightLoad } from './seed-night.js';
import { startBenchStack, type BenchStack } from './stack.js';
import { startStub } from './stub-client.js';

export const NIGHT_USAGE = 'night [--courses 50000] [--with-work 500] [--runs 1]';

const DELAY_MS = 20;

/**
 * Nights over courses of which few have work, against nights in which there are no other courses. Right when each score
 * arrived exactly once.
 */
export async function night(args: readonly string[], print: (text: string) => void): Promise<Outcome> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      courses: { type: 'string', default: '50000' },
      'with-work': { type: 'string', default: '500' },
      runs: { type: 'string', default: '1' },
    },
  });
  const withWork = wholeNumber('--with-work', values['with-work'], 1);
  const courses = wholeNumber('--courses', values.courses, withWork + 1);
  const runs = wholeNumber('--runs', values.runs, 1);
  const load: NightLoad = { courses: withWork, scoresPerCourse: 20, platforms: 20, family: 'canvas' };
  const stub = await startStub({ delayMs: DELAY_MS });
  let stack: BenchStack | undefined;
  try {
    const running = await startBenchStack({ ltiaasUrl: stub.url, say: print });
    stack = running;
    const nightOf = async (name: string, of: NightLoad = load): Promise<MeasuredNight> => {
      const seeded = await seedNight(running, of, name);
      const measured = await measureNight(running, stub, { courses: seeded, delayMs: DELAY_MS });
      print(describeNight(name, measured));
      return measured;
    };
    const warm = await nightOf('warm-up', { ...load, courses: Math.ceil(withWork / 10) });
    const alone: MeasuredNight[] = [];
    for (let run = 1; run <= runs; run += 1) alone.push(await nightOf(`alone-${run}`));
    await seedIdle(running, courses - withWork, load);
    const among: MeasuredNight[] = [];
    for (let run = 1; run <= runs; run += 1) among.push(await nightOf(`among-${courses}-${run}`));
    const base = { actions: median(alone.map(actionsOf)), seconds: median(alone.map(secondsOf)) };
    const rounds = among.map((one) => ({
      'night: actions ÷ those of its courses with work': one.actions / base.actions,
      'night: seconds ÷ those of its courses with work': one.seconds / base.seconds,
      'night, Temporal actions': one.actions,
      'night, s': one.seconds,
    }));
    return { isRight: [warm, ...alone, ...among].every(({ isRight }) => isRight), figures: joinRounds(rounds) };
  } finally {
    await stack?.stop();
    await stub.stop();
  }
}

const actionsOf = ({ actions }: MeasuredNight): number => actions;
const secondsOf = ({ seconds }: MeasuredNight): number => seconds;
