import type { Figure, Outcome } from './figures.js';
import { describeNight, measureNight, type MeasuredNight } from './measure-night.js';
import { seedNight, type NightLoad } from './seed-night.js';
import { splitCosts, type Costs } from './simulation/costs.js';
import { LATENCY, MEASURED } from './simulation/measured.js';
import { spreadEvenly } from './simulation/population.js';
import type { SimulatedNight } from './simulation/night-state.js';
import { simulateNight } from './simulation/simulate-night.js';
import { DEFAULT_LIMITS } from '../domain/platform.js';
import { startBenchStack, type BenchStack } from './stack.js';
import { startStub, type Stub } from './stub-client.js';
import { measurePassback } from './submit-round.js';

/** What costs are taken from: few courses and many, as submit measures them. */
const SHAPES = { scores: 5_000, inFlight: 64, delayMs: 20, few: 25, many: 250 };
/** Two nights of another shape each: the first has the machine for its limit, the second what the platforms allow. */
const NIGHTS: readonly { load: NightLoad; delayMs: number }[] = [
  { load: { courses: 300, scoresPerCourse: 20, platforms: 15, family: 'canvas' }, delayMs: 20 },
  { load: { courses: 96, scoresPerCourse: 25, platforms: 6, family: 'canvas' }, delayMs: 300 },
];
const CORES = 2;
/** Further apart than this the simulation tells nothing. */
const MOST_OFF = 0.35;

/**
 * Measures what scores and courses cost here and now, has the simulation predict two nights from that, and lives through
 * them. Right when neither prediction is off by more than a third.
 */
export async function checkSimulation(print: (text: string) => void): Promise<Outcome> {
  const stub = await startStub({ delayMs: SHAPES.delayMs });
  let stack: BenchStack | undefined;
  try {
    stack = await startBenchStack({ ltiaasUrl: stub.url, say: print });
    const costs = await measureCosts(stack, stub, print);
    const figures: Figure[] = [];
    let isRight = true;
    for (const [place, { load, delayMs }] of NIGHTS.entries()) {
      const name = `check-${place + 1}`;
      const courses = await seedNight(stack, load, name);
      const measured = await measureNight(stack, stub, { courses, delayMs });
      print(describeNight(name, measured));
      const predicted = predict(load, delayMs, costs);
      print(
        `${name}: predicted ${predicted.seconds.toFixed(1)} s, ${predicted.calls} calls, ${predicted.actions} actions`,
      );
      const ratios = compare(name, predicted, measured);
      figures.push(...ratios);
      isRight &&=
        measured.isRight && ratios.every(({ values }) => values.every((ratio) => Math.abs(ratio - 1) <= MOST_OFF));
    }
    return { isRight, figures };
  } finally {
    await stack?.stop();
    await stub.stop();
  }
}

async function measureCosts(stack: BenchStack, stub: Stub, print: (text: string) => void): Promise<Costs> {
  const { few, many, ...round } = SHAPES;
  const shapeOf = async (courses: number, name: string): Promise<Parameters<typeof splitCosts>[0]> => {
    const { cpu = {}, scores } = await measurePassback(stack, stub, { ...round, courses, name });
    return { scores, courses, cpu };
  };
  await shapeOf(few, 'warm-up');
  const split = splitCosts(await shapeOf(few, 'few'), await shapeOf(many, 'many'));
  print(
    `CPU ms: ${JSON.stringify(split, (_, value: unknown) => (typeof value === 'number' ? +(value * 1e3).toFixed(3) : value))}`,
  );
  return { ...MEASURED, ...split };
}

function predict(load: NightLoad, delayMs: number, costs: Costs): SimulatedNight {
  const perPlatform = spreadEvenly(load.courses, load.platforms);
  return simulateNight({
    platforms: perPlatform.map((courses) => ({
      ...{ family: load.family, limits: DEFAULT_LIMITS[load.family], outage: null },
      courses: spreadEvenly(courses * load.scoresPerCourse, courses),
    })),
    machines: [{ cores: CORES, runs: ['worker', 'postgres', 'temporal'] }],
    costs,
    latency: { ...LATENCY, [load.family]: { median: delayMs, spread: 0 } },
    faults: { throttled: 0, retryAfterMs: 0, failed: 0 },
    actionsPerSecond: null,
    slots: 50,
    seed: 1,
  });
}

function compare(name: string, predicted: SimulatedNight, measured: MeasuredNight): Figure[] {
  return [
    { name: `simulated ÷ real night, s, ${name}`, values: [predicted.seconds / measured.seconds] },
    { name: `simulated ÷ real night, Temporal actions, ${name}`, values: [predicted.actions / measured.actions] },
  ];
}
