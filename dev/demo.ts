import { createSandboxControl, type SandboxControl } from '../sandbox/control-client.js';
import { createDemoApi, type DemoApi } from './demo/api-calls.js';
import { compareCourse, type Comparison } from './demo/compare.js';
import { createCourses, type DemoCourse } from './demo/courses.js';
import { createProgress, type ProgressRow } from './demo/progress.js';

/** What the demo needs of the stack that it runs on. */
export interface DemoOptions {
  apiUrl: string;
  apiKey: string;
  sandboxUrl: string;
  temporalUiUrl: string | undefined;
  print: (text: string) => void;
}

/** The demo gives up when nothing has moved for this long. */
const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 250;

type LaunchedCourse = DemoCourse & { context: string };

/**
 * Carries scores of courses on four LMSes through, from a launch to the gradebook, and holds the gradebook against what
 * was sent. One course fails on purpose, for a reason that a person can read.
 * @returns ok: every score that could arrive did, and nothing else.
 */
export async function runDemo({ apiUrl, apiKey, sandboxUrl, print }: DemoOptions): Promise<{ ok: boolean }> {
  const control = createSandboxControl(sandboxUrl);
  const api = createDemoApi(apiUrl, apiKey);
  await control.setLatency([{ fixedMs: 10, jitterMs: 10 }]);
  const planned = await createCourses(control);
  const courses: LaunchedCourse[] = [];
  for (const course of planned) courses.push({ ...course, context: await api.launch(course.ltik) });
  print(`launched ${courses.length} courses on 4 LMSes; Passback holds a service key for each`);

  const startedAt = performance.now();
  const accepted = await api.sendScores(courses);
  print(`${accepted} scores accepted in ${seconds(startedAt)} s, safe in PostgreSQL from here on`);
  const rows = await watch(api, control, courses, print);
  const arrived = rows.reduce((sum, { done }) => sum + done, 0);
  print(
    `${arrived} scores in the gradebooks after ${seconds(startedAt)} s (${Math.round(arrived / Number(seconds(startedAt)))} a second; each LMS sets its own pace)`,
  );

  const comparisons = await Promise.all(courses.map((course) => compare(control, course)));
  return { ok: report(courses, comparisons, rows, print) };
}

/** Shows the gradebooks filling until all that can arrive has, and the reason of the others is known. */
async function watch(
  api: DemoApi,
  control: SandboxControl,
  courses: readonly LaunchedCourse[],
  print: (text: string) => void,
): Promise<ProgressRow[]> {
  const progress = createProgress(process.stdout, print, () => performance.now());
  let moved = { at: performance.now(), sum: -1 };
  for (;;) {
    const rows = await Promise.all(courses.map((course) => lookAt(api, control, course)));
    progress.show(rows);
    const isDone = rows.every(({ done, total, note }) => done === total || note !== '');
    const sum = rows.reduce((total, { done }) => total + done, 0);
    if (sum > moved.sum) moved = { at: performance.now(), sum };
    if (isDone || performance.now() - moved.at > PATIENCE_MS) {
      progress.end(rows);
      return rows;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

async function lookAt(api: DemoApi, control: SandboxControl, course: LaunchedCourse): Promise<ProgressRow> {
  const { platformId, contextId, context, lms, title, scores } = course;
  const done = (await control.gradebook({ platformId, contextId })).length;
  const reason = done < scores.length ? await api.findReason(context) : null;
  return { label: `${lms}: ${title}`, done, total: scores.length, note: reason ?? '' };
}

async function compare(control: SandboxControl, course: LaunchedCourse): Promise<Comparison> {
  const ref = { platformId: course.platformId, contextId: course.contextId };
  const { lineItems } = await control.getContext(ref);
  const columns = new Map(lineItems.map(({ id, resourceId }) => [resourceId ?? '', id]));
  return compareCourse(course, await control.gradebook(ref), columns);
}

function report(
  courses: readonly LaunchedCourse[],
  comparisons: readonly Comparison[],
  rows: readonly ProgressRow[],
  print: (text: string) => void,
): boolean {
  let isGood = true;
  let equal = 0;
  courses.forEach(({ title, trouble }, place) => {
    const comparison = comparisons[place];
    if (!comparison) return;
    equal += comparison.equal;
    const note = rows[place]?.note ?? '';
    if (trouble !== null) {
      isGood &&= comparison.equal === 0 && note !== '';
      print(`${title}: ${comparison.sent} scores wait, as they should, since ${trouble}. Passback says: ${note}`);
      return;
    }
    isGood &&= comparison.differences.length === 0;
    for (const difference of comparison.differences.slice(0, 5)) print(difference);
  });
  print(
    isGood
      ? `the gradebooks equal what was sent: ${equal} of ${equal} scores`
      : 'the gradebooks do NOT equal what was sent',
  );
  return isGood;
}

function seconds(sinceMs: number): string {
  return ((performance.now() - sinceMs) / 1000).toFixed(1);
}
