import { randomUUID } from 'node:crypto';
import {
  Client,
  isGrpcServiceError,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Connection,
  type ScheduleDescription,
} from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time.js';
import { SCHEDULE_IDS, withPrefix } from '../../workflows/names.js';
import type { WorkflowLink } from './workflow-link.js';
import { ScheduleRefusedError } from './schedule-refused-error.js';
import { NOTES_APART } from '../schedules/notes.js';
import { toCron } from '../schedules/to-cron.js';
import { scheduleUrl, workflowUrl } from './temporal-urls.js';

export interface ScheduleRecord {
  name: string;
  workflowType: string;
  /** Five fields; null where it runs by an interval, or has several times. */
  cron: string | null;
  /** Seconds between two runs; null where it runs by the clock. */
  everySeconds: number | null;
  timeZone: string;
  jitterSeconds: number;
  catchupSeconds: number;
  paused: boolean;
  /** Who changed it last, as Temporal keeps it (`api/schedules/notes.ts`). */
  note: string | null;
  nextRuns: Date[];
  running: WorkflowLink[];
  recent: (WorkflowLink & { startedAt: Date })[];
  /** Times that were skipped since the run before was still under way. */
  skipped: number;
  createdAt: Date;
  /** When its time was last changed, by whomever. */
  changedAt: Date;
  url: string | null;
}

export interface ScheduleChange {
  cron: string;
  timeZone: string;
  jitterSeconds: number;
}

/** Every method has a deadline of its own and rejects when it passes. `note`: who and when, for the Temporal UI; never why, in words. */
export interface Schedules {
  list(): Promise<ScheduleRecord[]>;
  /** Undefined for a name that we declare no schedule of, or that no worker has made yet. */
  find(name: string): Promise<ScheduleRecord | undefined>;
  /** Replaces its times. Rejects with a `ScheduleRefusedError` when Temporal does not take them; the old ones stay. */
  change(name: string, change: ScheduleChange, note: string): Promise<void>;
  /** Runs it now, unless it runs already: then nothing is started. */
  trigger(name: string, note: string): Promise<void>;
  pause(name: string, note: string): Promise<void>;
  unpause(name: string, note: string): Promise<void>;
}

export interface ScheduleClientOptions {
  connection: Connection;
  namespace: string;
  /** Encrypts what Temporal is handed; undefined: it is readable there. */
  codec?: PayloadCodec | undefined;
  /** Base of Temporal's web UI; without it links have no address. */
  uiUrl?: string | undefined;
  /** Of the installation's schedules. Default: none. */
  prefix?: string;
  /** For each call, in milliseconds. Default 5,000. */
  deadlineMs?: number;
}

const DEFAULT_DEADLINE_MS = 5_000;
const NEXT_RUNS = 5;
/** So Temporal begins what it says of times that cannot be. */
const REFUSAL = 'Invalid schedule spec: ';
/** gRPC's codes in numbers. */
const INVALID_ARGUMENT = 3;
const FAILED_PRECONDITION = 9;
/** An update that met another deed is dropped without a word (temporal service/worker/scheduler), so it is looked at. */
const UPDATE_TRIES = 3;

/** Temporal Schedules as the API needs them. Makes no connection by itself: hand in a lazy one. */
export function createScheduleClient(options: ScheduleClientOptions): Schedules {
  const { connection, namespace, codec, uiUrl, prefix = '', deadlineMs = DEFAULT_DEADLINE_MS } = options;
  const idOf = (name: string): string => withPrefix(prefix, name);
  const dataConverter = { payloadCodecs: codec ? [codec] : [] };
  const { schedule } = new Client({ connection, namespace, dataConverter });
  const within = <T>(call: () => Promise<T>): Promise<T> => connection.withDeadline(Date.now() + deadlineMs, call);
  const links: Links = {
    workflow: (workflowId, runId) => ({
      workflowId,
      url: uiUrl === undefined ? null : workflowUrl(uiUrl, { namespace, workflowId, runId }),
    }),
    schedule: (name) => (uiUrl === undefined ? null : scheduleUrl(uiUrl, { namespace, name: idOf(name) })),
  };
  const find = (name: string): Promise<ScheduleRecord | undefined> =>
    within(async () => {
      if (!SCHEDULE_IDS.some((id) => id === name)) return undefined;
      try {
        return toRecord(name, await schedule.getHandle(idOf(name)).describe(), links);
      } catch (error) {
        if (error instanceof ScheduleNotFoundError) return undefined;
        throw error;
      }
    });

  return {
    find,
    async list() {
      const found = await Promise.all(SCHEDULE_IDS.map(find));
      return found.filter((record) => record !== undefined);
    },
    change: (name, { cron, timeZone, jitterSeconds }, note) => {
      const spec = { cronString: [cron], timezoneName: timeZone, jitter: msToTs(jitterSeconds * 1_000) };
      return within(() => rewrite(options, idOf(name), { spec, note }));
    },
    trigger: (name, note) =>
      within(async () => {
        await rewrite(options, idOf(name), { note });
        // The SDK's own default would start a second one beside the first.
        await schedule.getHandle(idOf(name)).trigger(ScheduleOverlapPolicy.SKIP);
      }),
    pause: (name, note) => within(() => schedule.getHandle(idOf(name)).pause(note)),
    unpause: (name, note) => within(() => schedule.getHandle(idOf(name)).unpause(note)),
  };
}

type UpdateRequest = Parameters<Connection['workflowService']['updateSchedule']>[0];

interface Links {
  workflow(workflowId: string, runId?: string): WorkflowLink;
  schedule(name: string): string | null;
}

/**
 * All that is not named stays: action, policies, whether it is paused, and by whom. The SDK's own update would also undo
 * a pause that came after its look; with the token of the look, Temporal drops what is late, and it is done again.
 */
async function rewrite(
  { connection: { workflowService }, namespace }: ScheduleClientOptions,
  scheduleId: string,
  { spec, note }: { spec?: NonNullable<UpdateRequest['schedule']>['spec']; note: string },
): Promise<void> {
  const look = () => workflowService.describeSchedule({ namespace, scheduleId });
  for (let tries = 1; tries <= UPDATE_TRIES; tries += 1) {
    const { schedule, conflictToken } = await look();
    const state = schedule?.state;
    const notes = state?.paused ? keepPause(state.notes ?? '', note) : note;
    const changed = { ...schedule, ...(spec && { spec }), state: { ...state, notes } };
    await update({ namespace, scheduleId, schedule: changed, conflictToken, requestId: randomUUID() });
    if ((await look()).schedule?.state?.notes?.endsWith(note)) return;
  }
  throw new Error('Temporal dropped the change, as it does when another one comes at the same time.');

  async function update(request: UpdateRequest): Promise<void> {
    try {
      await workflowService.updateSchedule(request);
    } catch (error) {
      if (!isGrpcServiceError(error)) throw error;
      const code = Number(error.code);
      if (code === INVALID_ARGUMENT && error.details.startsWith(REFUSAL)) {
        throw new ScheduleRefusedError(error.details.slice(REFUSAL.length));
      }
      // So do some servers answer what others drop.
      if (code !== FAILED_PRECONDITION) throw error;
    }
  }
}

/** Who paused it, and why, is worth more than the latest note, which stands behind it. */
function keepPause(paused: string, note: string): string {
  const [pause = ''] = paused.split(NOTES_APART);
  return pause === '' ? note : `${pause}${NOTES_APART}${note}`;
}

function toRecord(name: string, description: ScheduleDescription, links: Links): ScheduleRecord {
  const { action, spec, policies, state, info } = description;
  const [interval] = spec.intervals ?? [];
  return {
    name,
    workflowType: action.workflowType,
    cron: toCron(spec.calendars ?? []),
    everySeconds: interval ? interval.every / 1_000 : null,
    timeZone: spec.timezone || 'UTC',
    jitterSeconds: (spec.jitter ?? 0) / 1_000,
    catchupSeconds: policies.catchupWindow / 1_000,
    paused: state.paused,
    note: state.note || null,
    nextRuns: state.paused ? [] : info.nextActionTimes.slice(0, NEXT_RUNS),
    running: info.runningActions.map(({ workflow }) => links.workflow(workflow.workflowId)),
    recent: info.recentActions.map(({ takenAt, action: { workflow } }) => ({
      ...links.workflow(workflow.workflowId, workflow.firstExecutionRunId),
      startedAt: takenAt,
    })),
    skipped: info.numActionsSkippedOverlap,
    createdAt: info.createdAt,
    changedAt: info.lastUpdatedAt ?? info.createdAt,
    url: links.schedule(name),
  };
}
