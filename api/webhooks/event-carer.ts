import type { FastifyBaseLogger } from 'fastify';
import type { Wake } from '../../waking/workflow-waker.js';
import type { Workflows } from '../temporal/workflow-client.js';
import type { EventProcessor, ProcessedEvents } from '../../db/webhooks/event-processor.js';
import { warnUntold } from '../temporal/tell-workflow.js';
import { createWaker } from '../temporal/waker.js';

/** Few enough for the locks of one transaction to be short, and for requests to get their turn between two. */
const BATCH_SIZE = 100;
const DEFAULT_INTERVAL_MS = 15_000;
/** The first events of a burst are taken together soon; those that keep coming after longer, since a batch has its price. */
const GATHER_MS = 10;
const REST_MS = 250;
/** A course whose events keep coming is woken again after this, and once more at the end. */
const WAKE_EVERY_MS = 5_000;

/**
 * Makes scores of stored events: soon after it is told to `look`, and at intervals for those that a process left behind when it died.
 * Any number of processes may do so at once.
 */
export interface EventCarer {
  /** Something was stored. Returns at once and never throws. */
  look(): void;
  /** Looks at these now, and wakes their courses; what is in their bodies is looked at soon. */
  processNow(ids: readonly string[]): Promise<void>;
  start(): void;
  /** Ends the work that is under way in order. */
  stop(): Promise<void>;
}

export function createEventCarer(options: {
  events: EventProcessor;
  workflows: Pick<Workflows, 'wakeSender' | 'wakeCourse'>;
  log: FastifyBaseLogger;
  intervalMs?: number | undefined;
}): EventCarer {
  const { events, workflows, log, intervalMs = DEFAULT_INTERVAL_MS } = options;
  const complain = (what: string) => complaint(log, what);
  const courses = createEagerCourses(workflows, (error) => warnUntold(log, error));
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const processBatch = async (input: { limit: number; ids?: readonly string[] }) => {
    const { events: seen, parts, failures, wakes } = await events.process(input);
    if (failures.length > 0) log.error({ failures }, 'events could not be looked at; they are tried again');
    courses.add(wakes);
    return { hasMore: seen === input.limit || parts > 0 };
  };
  const drain = async (): Promise<void> => {
    while (!stopped && (await processBatch({ limit: BATCH_SIZE })).hasMore) await courses.wakeRested();
    await courses.wakeRested();
  };
  const drains = createPacedJob(drain, complain('stored events could not be looked at; they are tried again'));

  return {
    look: () => drains.ask(),
    async processNow(ids) {
      await processBatch({ limit: ids.length, ids });
      await courses.wakeAll();
      drains.ask();
    },
    start() {
      drains.ask();
      timer = setInterval(() => {
        events.revive().then(() => drains.ask(), complain('unmatched events could not be looked at'));
      }, intervalMs).unref();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await drains.stop();
      await courses.stop();
    },
  };
}

function complaint(log: FastifyBaseLogger, what: string): (error: unknown) => void {
  return (error) => log.warn({ failure: error instanceof Error ? error.name : 'unknown' }, what);
}

/** Runs a job soon after it is asked, one at a time, with a rest between two. */
function createPacedJob(job: () => Promise<void>, onFailure: (error: unknown) => void) {
  let gathering: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let wanted = false;
  let restsUntil = 0;
  let stopped = false;

  const run = (): void => {
    gathering = undefined;
    wanted = false;
    running = job()
      .catch(onFailure)
      .finally(() => {
        running = undefined;
        restsUntil = performance.now() + REST_MS;
        if (wanted) ask();
      });
  };
  const ask = (): void => {
    wanted = true;
    if (running || gathering || stopped) return;
    gathering = setTimeout(run, Math.max(GATHER_MS, restsUntil - performance.now()));
  };
  return {
    ask,
    async stop(): Promise<void> {
      stopped = true;
      clearTimeout(gathering);
      await running;
    },
  };
}

type EventWake = ProcessedEvents['wakes'][number];

/** Courses that have new scores: their gates are woken at once the first time, then at intervals while more keep coming. */
function createEagerCourses(
  workflows: Pick<Workflows, 'wakeSender' | 'wakeCourse'>,
  onFailure: (error: unknown) => void,
) {
  const unwoken = new Map<string, Wake>();
  const wokenAt = new Map<string, number>();
  let waking: NodeJS.Timeout | undefined;
  let stopped = false;

  const wake = async (contexts: readonly string[]): Promise<void> => {
    const inputs = contexts.flatMap((context) => unwoken.get(context) ?? []);
    for (const { context, gate } of inputs) {
      unwoken.delete(context);
      wokenAt.set(gate, performance.now());
    }
    await createWaker(workflows, { most: inputs.length, onFailure }).wake(inputs);
  };
  const wakeAll = (): Promise<void> => wake([...unwoken.keys()]);
  const wakeRested = async (): Promise<void> => {
    const now = performance.now();
    for (const [gate, at] of wokenAt) if (at + WAKE_EVERY_MS <= now) wokenAt.delete(gate);
    const waiting = [...unwoken.values()].flatMap(({ gate }) => wokenAt.get(gate) ?? []);
    if (waiting.length > 0 && !stopped) {
      waking ??= setTimeout(
        () => {
          waking = undefined;
          void wakeRested();
        },
        Math.min(...waiting) + WAKE_EVERY_MS - now,
      );
    }
    await wake([...unwoken.values()].filter(({ gate }) => !wokenAt.has(gate)).map(({ context }) => context));
  };

  return {
    add(wakes: readonly EventWake[]): void {
      for (const { roster, ...context } of wakes) {
        const before = unwoken.get(context.context);
        const wantsRoster = roster || before?.roster === true;
        const hasScores = !roster || (before !== undefined && before.scores !== false);
        unwoken.set(context.context, {
          ...{ ...context, trigger: 'webhook' },
          ...(wantsRoster && { roster: true }),
          ...(!hasScores && { scores: false }),
        });
      }
    },
    /** Those that were woken a moment ago have to wait, and are woken when their time has come. */
    wakeRested,
    wakeAll,
    async stop(): Promise<void> {
      stopped = true;
      clearTimeout(waking);
      if (unwoken.size > 0) await wakeAll();
    },
  };
}
