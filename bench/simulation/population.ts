import { DEFAULT_LIMITS, type LmsFamily, type PlatformLimits } from '../../domain/platform.js';
import { createRandom, drawAround } from './random.js';

/** One LMS in the night. */
export interface SimulatedPlatform {
  family: LmsFamily;
  limits: PlatformLimits;
  /** Scores of each course that has work. */
  courses: number[];
  /** It answers nothing between these, in milliseconds from the night's begin. */
  outage: { fromMs: number; toMs: number } | null;
}

export interface Population {
  students: number;
  platforms: number;
  studentsPerCourse: number;
  /** Scores that a student has changed since the last night, on the average. */
  scoresPerStudent: number;
  /** Part of the platforms that are away for a while in this night, and for how long. */
  outages: { share: number; lengthMs: number; withinMs: number };
  seed: number;
}

/** Parts of the platforms by product; the rest is unknown. A guess at a tool that sells everywhere: hand in your own. */
const FAMILY_SHARES: readonly (readonly [LmsFamily, number])[] = [
  ['canvas', 0.4],
  ['moodle', 0.2],
  ['blackboard', 0.14],
  ['d2l', 0.14],
  ['schoology', 0.05],
  ['sakai', 0.02],
  ['openedx', 0.02],
];
/** Schools differ in size by two powers of ten: the middle one has half of the mean, one of a hundred eight times it. */
const SIZE_SPREAD = 1.2;

/** Draws platforms whose students add up to the number asked for. */
export function drawPopulation(population: Population): SimulatedPlatform[] {
  const { students, platforms, studentsPerCourse, scoresPerStudent, outages, seed } = population;
  const random = createRandom(seed);
  const sizes = Array.from({ length: platforms }, () => drawAround(random, { median: 1, spread: SIZE_SPREAD }));
  const sum = sizes.reduce((total, size) => total + size, 0);
  return sizes.map((size) => {
    const ofPlatform = (students * size) / sum;
    const courses = Math.max(1, Math.round(ofPlatform / studentsPerCourse));
    const scores = Math.max(courses, Math.round(ofPlatform * scoresPerStudent));
    const family = drawFamily(random());
    const fromMs = random() * outages.withinMs;
    const isAway = random() < outages.share;
    return {
      family,
      limits: DEFAULT_LIMITS[family],
      courses: spreadEvenly(scores, courses),
      outage: isAway ? { fromMs, toMs: fromMs + outages.lengthMs } : null,
    };
  });
}

export function spreadEvenly(scores: number, courses: number): number[] {
  const least = Math.floor(scores / courses);
  return Array.from({ length: courses }, (_, place) => least + (place < scores % courses ? 1 : 0));
}

function drawFamily(place: number): LmsFamily {
  let sum = 0;
  for (const [family, share] of FAMILY_SHARES) {
    sum += share;
    if (place < sum) return family;
  }
  return 'unknown';
}
