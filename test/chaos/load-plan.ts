import { createRandom, type Random } from './random.js';

/** One student in one column of one course, each by its place. */
export interface Cell {
  course: number;
  column: number;
  student: number;
}

/** One score as a client hands it in. Versions of a cell count from 1; the greater one changed later in the tool. */
export interface Post {
  cell: number;
  version: number;
}

export interface PlannedRequest {
  /** When it is sent, in milliseconds from the beginning of the load. */
  atMs: number;
  shape: 'single' | 'list' | 'ndjson';
  posts: Post[];
}

export interface LoadPlan {
  cells: Cell[];
  requests: PlannedRequest[];
}

export interface LoadPlanOptions {
  seed: number;
  scores: number;
  durationMs: number;
  courses: number;
  /** Columns of each course. */
  columns: number;
}

const MOST_VERSIONS = 5;
const OVERTAKEN = 0.1;
const REPEATED = 0.06;

/**
 * What the client posts and when: several versions of each cell, some overtaken by their successors, some posted twice, in
 * requests of every shape. The same options give the same plan.
 */
export function planLoad(options: LoadPlanOptions): LoadPlan {
  const random = createRandom(options.seed, 'load');
  const posts: (Post & { atMs: number })[] = [];
  let cells = 0;
  for (; posts.length < options.scores; cells += 1) posts.push(...planCell(cells, random, options.durationMs));
  posts.length = options.scores;
  const inTime = posts.toSorted((one, other) => one.atMs - other.atMs);
  return { cells: placeCells(cells, options), requests: toRequests(inTime, random) };
}

/** The value of a version, of a hundred: no two versions of a cell share one, so a gradebook tells which it holds. */
export function valueOf({ cell, version }: Post): number {
  return (cell * 31 + version * 17) % 101;
}

function planCell(cell: number, random: Random, durationMs: number): (Post & { atMs: number })[] {
  const versions = Array.from({ length: random.whole(1, MOST_VERSIONS) }, (_, place) => place + 1);
  for (let place = 1; place < versions.length; place += 1) {
    const [one = 0, other = 0] = versions.slice(place - 1, place + 1);
    if (random.chance(OVERTAKEN)) versions.splice(place - 1, 2, other, one);
  }
  const times = versions.map(() => random.next() * durationMs).toSorted((one, other) => one - other);
  const posts = versions.map((version, place) => ({ cell, version, atMs: times[place] ?? 0 }));
  const repeated = posts
    .filter(() => random.chance(REPEATED))
    .map((post) => ({ ...post, atMs: post.atMs + random.next() * (durationMs - post.atMs) }));
  return [...posts, ...repeated];
}

function placeCells(count: number, { courses, columns }: LoadPlanOptions): Cell[] {
  return Array.from({ length: count }, (_, index) => ({
    course: index % courses,
    column: Math.floor(index / courses) % columns,
    student: Math.floor(index / (courses * columns)),
  }));
}

function toRequests(posts: readonly (Post & { atMs: number })[], random: Random): PlannedRequest[] {
  const requests: PlannedRequest[] = [];
  for (let from = 0; from < posts.length;) {
    const shape = random.chance(0.4) ? 'single' : random.chance(0.3) ? 'list' : 'ndjson';
    // Some streams are longer than the transaction of 500 in which the API takes them.
    const most = random.chance(0.05) ? 700 : 60;
    const size = shape === 'single' ? 1 : random.whole(2, shape === 'list' ? 20 : most);
    const part = posts.slice(from, from + size);
    from += size;
    const atMs = Math.round(part.at(-1)?.atMs ?? 0);
    requests.push({ atMs, shape, posts: part.map(({ cell, version }) => ({ cell, version })) });
  }
  return requests;
}
