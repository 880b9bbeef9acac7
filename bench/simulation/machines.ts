/** What costs processor time. */
export const PARTS = ['worker', 'postgres', 'temporal'] as const;
export type Part = (typeof PARTS)[number];
/** Seconds of one core. */
export type CpuSeconds = Readonly<Record<Part, number>>;

/** Some cores, and what runs on them. */
export interface Machine {
  cores: number;
  runs: readonly Part[];
}

export interface Machines {
  /** Takes on some work; gives the time at which all of it will be done, in milliseconds. */
  work(nowMs: number, cost: CpuSeconds): number;
  /** Part of each machine's time in which it worked until then, in the order in which they were given. */
  busyUntil(nowMs: number): number[];
}

/** Each machine does one thing after the other, as many times as fast as it has cores: good for work in small pieces. */
export function createMachines(machines: readonly Machine[]): Machines {
  const states = machines.map(({ cores, runs }) => ({ cores, runs, freeAtMs: 0, workedMs: 0 }));
  return {
    work(nowMs, cost) {
      let doneAtMs = nowMs;
      for (const state of states) {
        const seconds = state.runs.reduce((sum, part) => sum + cost[part], 0);
        const tookMs = (seconds * 1_000) / state.cores;
        state.freeAtMs = Math.max(state.freeAtMs, nowMs) + tookMs;
        state.workedMs += tookMs;
        doneAtMs = Math.max(doneAtMs, state.freeAtMs);
      }
      return doneAtMs;
    },
    busyUntil: (nowMs) => states.map(({ workedMs }) => workedMs / Math.max(nowMs, 1)),
  };
}
