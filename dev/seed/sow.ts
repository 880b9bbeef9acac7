import Type from 'typebox';
import { Compile } from 'typebox/compile';
import type { SandboxControl } from '../../sandbox/control-client.js';
import type { ApiCall } from '../api-call.js';
import { SEED_MAXIMUM, type SeedCourse, type SeedPlan } from './plan.js';

const Counts = Compile(
  Type.Object({
    accepted: Type.Integer(),
    unchanged: Type.Integer(),
    superseded: Type.Integer(),
    invalid: Type.Integer(),
  }),
);
export type SeedCounts = ReturnType<typeof Counts.Parse>;

/** The running stack, by its two doors. */
export interface SeedDoors {
  control: SandboxControl;
  call: ApiCall;
  print: (text: string) => void;
}

/** As many launches at once as a busy hour brings. */
const launchesAtOnce = 8;
const scoresPerRequest = 2_000;
const tellEveryMs = 1_000;

/** Makes LMSes and courses in the sandbox, as far as an earlier run with the seed has not, and launches each course. */
export async function launchCourses({ platforms, courses }: SeedPlan, doors: SeedDoors): Promise<void> {
  const { control, print } = doors;
  const arePlatforms = new Set((await control.listPlatforms()).map(({ platformId }) => platformId));
  for (const platform of platforms) {
    if (!arePlatforms.has(platform.platformId)) await control.createPlatform(platform);
  }
  const areCourses = new Set((await control.listContexts()).map(({ contextId }) => contextId));
  const tell = createTeller(courses.length, (done) => print(`launched ${done} of ${courses.length} courses`));
  const waiting = [...courses];
  const launchNext = async (): Promise<void> => {
    for (let course = waiting.shift(); course !== undefined; course = waiting.shift()) {
      await launch(course, areCourses.has(course.contextId), doors);
      tell(1);
    }
  };
  await Promise.all(Array.from({ length: launchesAtOnce }, launchNext));
}

async function launch(course: SeedCourse, isThere: boolean, { control, call }: SeedDoors): Promise<void> {
  const { platformId, contextId, title, scores } = course;
  const members = scores.map(({ userId }) => ({ userId }));
  if (isThere) {
    const enrolled = new Set((await control.getContext({ platformId, contextId })).members.map(({ userId }) => userId));
    for (const member of members) {
      if (!enrolled.has(member.userId)) await control.addMember({ platformId, contextId }, member);
    }
  } else {
    await control.createContext({ platformId, contextId, title, members });
  }
  const { ltik } = await control.createLaunch({ platformId, contextId });
  await call('/v1/launches', { method: 'POST', body: JSON.stringify({ ltik }) });
}

/** Hands in the scores as NDJSON, some thousand in a request. */
export async function handIn({ courses }: SeedPlan, { call, print }: SeedDoors): Promise<SeedCounts> {
  const lines = courses.flatMap(toLines);
  const sum: SeedCounts = { accepted: 0, unchanged: 0, superseded: 0, invalid: 0 };
  const tell = createTeller(lines.length, (done) => print(`handed in ${done} of ${lines.length} scores`));
  for (let from = 0; from < lines.length; from += scoresPerRequest) {
    const some = lines.slice(from, from + scoresPerRequest);
    const headers = { 'content-type': 'application/x-ndjson' };
    const answer = await call('/v1/scores', { method: 'POST', headers, body: some.join('\n') });
    const counts = Counts.Parse(JSON.parse(answer.trimEnd().split('\n').at(-1) ?? ''));
    sum.accepted += counts.accepted;
    sum.unchanged += counts.unchanged;
    sum.superseded += counts.superseded;
    sum.invalid += counts.invalid;
    tell(some.length);
  }
  return sum;
}

/** One column a course, which Passback finds or makes. */
function toLines({ platformId, contextId, scores }: SeedCourse): string[] {
  const lineItem = { resourceId: 'essay', tag: 'grade', label: 'Essay', scoreMaximum: SEED_MAXIMUM };
  return scores.map((score) =>
    JSON.stringify({ platformId, contextId, lineItem, scoreMaximum: SEED_MAXIMUM, ...score }),
  );
}

/** Adds up, and tells at most once a second, and at the end. */
function createTeller(total: number, tell: (done: number) => void): (more: number) => void {
  let done = 0;
  let toldAt = performance.now();
  return (more) => {
    done += more;
    if (done < total && performance.now() - toldAt < tellEveryMs) return;
    toldAt = performance.now();
    tell(done);
  };
}
