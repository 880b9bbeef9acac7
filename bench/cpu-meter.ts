import { measureBusy, measureCpu } from './cpu-time.js';

export interface CpuReading {
  /** CPU seconds by process since the meter was started; undefined on systems that do not tell. */
  cpu: Record<string, number> | undefined;
  /** Processors that other programs kept busy meanwhile: anything but nought makes a measurement look worse. */
  otherCores: number | undefined;
}

/** Starts measuring the processes named, all their descendants, and this process, which counts as ours too. */
export function startCpuMeter(pids: Readonly<Record<string, number>>): () => CpuReading {
  const read = (): { cpu: Record<string, number> | undefined; busy: number | undefined; own: number } => {
    const { user, system } = process.cpuUsage();
    return { cpu: measureCpu(pids), busy: measureBusy(), own: (user + system) / 1e6 };
  };
  const before = read();
  const startedAtMs = performance.now();
  return () => {
    const after = read();
    if (!before.cpu || !after.cpu || before.busy === undefined || after.busy === undefined) {
      return { cpu: undefined, otherCores: undefined };
    }
    const cpu: Record<string, number> = {};
    for (const [name, seconds] of Object.entries(after.cpu)) cpu[name] = seconds - (before.cpu[name] ?? 0);
    const ours = Object.values(cpu).reduce((sum, seconds) => sum + seconds, after.own - before.own);
    const otherSeconds = Math.max(0, after.busy - before.busy - ours);
    return { cpu, otherCores: otherSeconds / ((performance.now() - startedAtMs) / 1_000) };
  };
}

/** Starts measuring how many processors are kept busy by programs that are neither this one nor started by it. */
export function startOthersMeter(): () => number {
  const read = (): number =>
    (measureBusy() ?? Number.NaN) - (measureCpu({ ours: process.pid })?.['ours'] ?? Number.NaN);
  const before = read();
  const startedAtMs = performance.now();
  return () => Math.max(0, read() - before) / ((performance.now() - startedAtMs) / 1_000);
}
