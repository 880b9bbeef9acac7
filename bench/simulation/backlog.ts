/** A score of a course that may be claimed. */
export interface Claimed {
  course: number;
  /** How often it was sent in vain. */
  tries: number;
}

/** What one platform has to send, course by course, in the order in which the night's line has them. */
export interface Backlog {
  /** Courses in line, and those that were picked and are not settled. */
  inLine(): number;
  underWay(): number;
  /** Picks the next courses of the line: their scores are no longer kept for the night. */
  pick(count: number): void;
  /** Claims one score: a few of each course in turn. Undefined: none is ready. */
  claim(nowMs: number): Claimed | undefined;
  hasReady(nowMs: number): boolean;
  /** One that was refused rests. */
  rest(claimed: Claimed, untilMs: number): void;
  /** When the next one has rested long enough; infinity: none rests. */
  nextAtMs(): number;
  finish(course: number): void;
  /** Courses that are done are no longer under way. Gives how many they are. */
  settle(): number;
  /** Scores that are not in the gradebook. */
  left(): number;
}

/** Scores of one course that are claimed before the next course has its turn (db/functions/claim-scores.ts). */
const IN_TURN = 4;

export function createBacklog(courses: readonly number[]): Backlog {
  const ready = Int32Array.from(courses);
  const left = Int32Array.from(courses);
  let scoresLeft = courses.reduce((sum, count) => sum + count, 0);
  let turns: number[] = [];
  let head = 0;
  let claimedInTurn = 0;
  let next = 0;
  let underWay = 0;
  let done = 0;
  const rests = createRests();

  const endTurn = (): void => {
    head += 1;
    claimedInTurn = 0;
    if (head < 1_000 || head * 2 < turns.length) return;
    turns = turns.slice(head);
    head = 0;
  };
  return {
    inLine: () => courses.length - next,
    underWay: () => underWay,
    pick(count) {
      for (const end = next + count; next < end; next += 1) turns.push(next);
      underWay += count;
    },
    claim(nowMs) {
      const again = rests.over(nowMs).shift();
      if (again) return again;
      const course = turns[head];
      if (course === undefined) return undefined;
      const rest = (ready[course] ?? 0) - 1;
      ready[course] = rest;
      claimedInTurn += 1;
      if (rest > 0 && claimedInTurn === IN_TURN) turns.push(course);
      if (rest === 0 || claimedInTurn === IN_TURN) endTurn();
      return { course, tries: 0 };
    },
    hasReady: (nowMs) => rests.over(nowMs).length > 0 || head < turns.length,
    rest: (claimed, untilMs) => rests.add(claimed, untilMs),
    nextAtMs: () => rests.nextAtMs(),
    finish(course) {
      const rest = (left[course] ?? 0) - 1;
      left[course] = rest;
      scoresLeft -= 1;
      if (rest === 0) done += 1;
    },
    settle() {
      const settled = done;
      done = 0;
      underWay -= settled;
      return settled;
    },
    left: () => scoresLeft,
  };
}

interface Rests {
  add(claimed: Claimed, untilMs: number): void;
  /** Those that have rested long enough; whoever claims one takes it out. */
  over(nowMs: number): Claimed[];
  nextAtMs(): number;
}

function createRests(): Rests {
  let resting: { claimed: Claimed; untilMs: number }[] = [];
  let nextAtMs = Infinity;
  const rested: Claimed[] = [];
  return {
    add(claimed, untilMs) {
      resting.push({ claimed, untilMs });
      nextAtMs = Math.min(nextAtMs, untilMs);
    },
    over(nowMs) {
      if (nowMs < nextAtMs) return rested;
      for (const { claimed, untilMs } of resting) if (untilMs <= nowMs) rested.push(claimed);
      resting = resting.filter(({ untilMs }) => untilMs > nowMs);
      nextAtMs = Math.min(...resting.map(({ untilMs }) => untilMs));
      return rested;
    },
    nextAtMs: () => nextAtMs,
  };
}
