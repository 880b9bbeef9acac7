import type { TestContext } from 'node:test';
import { buildSandbox } from '../../sandbox/app.js';
import { createSandboxControl, type SandboxControl } from '../../sandbox/control-client.js';
import type {
  ContextSetup,
  ContextView,
  FamilyName,
  LaunchView,
  LineItemView,
  PlatformPatch,
} from '../../sandbox/types.js';

export const apiKey = 'test-key';

export interface RunningSandbox {
  url: string;
  control: SandboxControl;
}

/** A sandbox on a port of its own, closed when the test ends. */
export async function startSandbox(t: TestContext, now?: () => number): Promise<RunningSandbox> {
  const app = buildSandbox({ apiKey, ...(now === undefined ? {} : { now }) });
  t.after(() => app.close());
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { url, control: createSandboxControl(url) };
}

export interface Answer {
  status: number;
  body: unknown;
  text: string;
  headers: Headers;
}

export interface Caller {
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  score(lineItemId: string, score: Record<string, unknown>): Promise<Answer>;
}

/** Calls the LTIAAS API with the given Authorization header. */
export function createCaller(url: string, authorization: string): Caller {
  const call = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const json = { body: JSON.stringify(body) };
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : json),
    });
    const text = await response.text();
    return { status: response.status, body: parseOrText(text), text, headers: response.headers };
  };
  return {
    call,
    score: (lineItemId, score) => call('POST', `/api/lineitems/${encodeURIComponent(lineItemId)}/scores`, score),
  };
}

function parseOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function withServiceKey(url: string, launch: LaunchView): Caller {
  return createCaller(url, `SERVICE-AUTH-V1 ${apiKey}:${launch.serviceKey ?? ''}`);
}

export interface Course extends RunningSandbox {
  context: ContextView;
  launch: LaunchView;
  caller: Caller;
  column: LineItemView;
  /** The generated students' ids. */
  students: string[];
}

/** One platform of the family with one course: `students` (default 3) and one column of 20 points. */
export async function startCourse(
  t: TestContext,
  family: FamilyName,
  options: { now?: () => number; context?: Partial<ContextSetup>; settings?: PlatformPatch } = {},
): Promise<Course> {
  const sandbox = await startSandbox(t, options.now);
  const { control, url } = sandbox;
  await control.createPlatform({ family, platformId: family, settings: options.settings ?? {} });
  const context = await control.createContext({
    platformId: family,
    students: 3,
    lineItems: [{ label: 'Quiz', scoreMaximum: 20, resourceId: 'quiz' }],
    ...options.context,
  });
  const launch = await control.createLaunch({ contextId: context.contextId });
  const column = mustExist(context.lineItems[0]);
  const students = context.members.filter((member) => isStudent(member.roles)).map((member) => member.userId);
  return { ...sandbox, context, launch, caller: withServiceKey(url, launch), column, students };
}

function isStudent(roles: readonly string[]): boolean {
  return roles.length === 1 && (roles[0]?.endsWith('#Learner') ?? false);
}

export function mustExist<T>(value: T | undefined | null): T {
  if (value === undefined || value === null) throw new Error('Expected a value.');
  return value;
}

/** A final score for the student. */
export function graded(
  userId: string,
  scoreGiven: number,
  rest: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    userId,
    scoreGiven,
    scoreMaximum: 10,
    activityProgress: 'Completed',
    gradingProgress: 'FullyGraded',
    ...rest,
  };
}

/** `details.bodyReceived` of an LTIAAS error: what the LMS itself said. */
export function lmsBody(answer: Answer): unknown {
  const { body } = answer;
  if (typeof body !== 'object' || body === null || !('details' in body)) return undefined;
  const { details } = body;
  if (typeof details !== 'object' || details === null || !('bodyReceived' in details)) return undefined;
  return details.bodyReceived;
}

/** Looks again until the condition holds; fails after two seconds. */
export async function eventually(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 2000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('Not so within two seconds.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
