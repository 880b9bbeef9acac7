/** Courses that stand one after the other. */
export interface Picked {
  first: number;
  count: number;
}

/** What one platform has to send, course by course. */
export interface Backlog {
  /** Picks the next courses, with no more than `room` of them under way; they wait to be opened. */
  pick(input: { atMost: number; room: number }): Picked;
  /** Their scores may go out. */
  open(picked: Picked, nowMs: number): void;
  /** Takes one score that may go out; gives its course, or undefined when there is none now. */
  take(): number | undefined;
  /** One that was refused may go out again. */
  giveBack(course: number): void;
  /** One is in the gradebook. True: it was the last of its course. */
  finish(course: number, nowMs: number): boolean;
  /** Courses that are done are no longer under way. Gives how long each took, in milliseconds. */
  settle(): number[];
  /** Courses that are not done. */
  left(): number;
}

export function createBacklog(courses: readonly number[]): Backlog {
  const ready = new Int32Array(courses.length);
  const left = Int32Array.from(courses);
  const openedAtMs = new Float64Array(courses.length);
  let queue: number[] = [];
  let head = 0;
  let next = 0;
  let underWay = 0;
  let coursesLeft = courses.length;
  let done: number[] = [];
  return {
    pick({ atMost, room }) {
      const picked = { first: next, count: Math.max(0, Math.min(atMost, room - underWay, courses.length - next)) };
      next += picked.count;
      underWay += picked.count;
      return picked;
    },
    open({ first, count }, nowMs) {
      openedAtMs.fill(nowMs, first, first + count);
      for (let course = first; course < first + count; course += 1) {
        ready[course] = left[course] ?? 0;
        queue.push(course);
      }
    },
    take() {
      const course = queue[head];
      if (course === undefined) return undefined;
      const rest = (ready[course] ?? 0) - 1;
      ready[course] = rest;
      if (rest === 0) head += 1;
      if (head > 1_000 && head * 2 > queue.length) {
        queue = queue.slice(head);
        head = 0;
      }
      return course;
    },
    giveBack(course) {
      const count = ready[course] ?? 0;
      ready[course] = count + 1;
      if (count === 0) queue.push(course);
    },
    finish(course, nowMs) {
      const rest = (left[course] ?? 0) - 1;
      left[course] = rest;
      if (rest > 0) return false;
      done.push(nowMs - (openedAtMs[course] ?? 0));
      coursesLeft -= 1;
      return true;
    },
    settle() {
      const settled = done;
      done = [];
      underWay -= settled.length;
      return settled;
    },
    left: () => coursesLeft,
  };
}
