import type { FamilyName } from '../../sandbox/types.js';
import { digest, madeUpId } from './made-up-id.js';

export interface SeedPlatform {
  platformId: string;
  family: FamilyName;
  name: string;
}

/** One course with one score for each of its students. */
export interface SeedCourse {
  platformId: string;
  contextId: string;
  title: string;
  scores: readonly { userId: string; scoreGiven: number }[];
}

export interface SeedPlan {
  platforms: readonly SeedPlatform[];
  courses: readonly SeedCourse[];
}

export const SEED_MAXIMUM = 20;
/** Every LMS that the sandbox plays. */
const families: readonly FamilyName[] = ['canvas', 'moodle', 'blackboard', 'd2l', 'openedx'];
const subjects = ['Biology', 'Algebra', 'History', 'Programming', 'Chemistry', 'Statistics', 'Music'];

/** Courses dealt out over the LMSes: the same names, people and scores for the same seed, whatever the sizes. */
export function planSeed({ seed, courses, students }: { seed: string; courses: number; students: number }): SeedPlan {
  const platforms = families
    .slice(0, courses)
    .map((family) => ({ family, platformId: `${family}-seed-${seed}`, name: `${family} (seed ${seed})` }));
  const toCourse = (_: unknown, number: number): SeedCourse => {
    const platformId = platforms[number % platforms.length]?.platformId ?? '';
    const contextId = madeUpId(`${seed} course ${number}`);
    const title = `${subjects[number % subjects.length]} ${number + 1}`;
    const scores = Array.from({ length: students }, (__, place) => toScore(`${contextId} student ${place}`));
    return { platformId, contextId, title, scores };
  };
  return { platforms, courses: Array.from({ length: courses }, toCourse) };
}

/** In halves, all values up to the maximum alike. */
function toScore(student: string): { userId: string; scoreGiven: number } {
  const steps = SEED_MAXIMUM * 2 + 1;
  return {
    userId: madeUpId(student),
    scoreGiven: (Number.parseInt(digest(`${student} score`).slice(0, 8), 16) % steps) / 2,
  };
}
