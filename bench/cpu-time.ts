import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks per second in /proc, the same on every Linux that Node runs on: sysconf(_SC_CLK_TCK). */
const TICKS_PER_SECOND = 100;

/** What /proc/<pid>/stat tells of one process. */
export interface ProcessStat {
  pid: number;
  parent: number;
  /** Of its own and of its children that ended and were waited for, in seconds. */
  cpuSeconds: number;
}

/** Reads a line of /proc/<pid>/stat; see proc(5). The program's name, in brackets, may itself hold brackets and spaces. */
export function parseProcessStat(line: string): ProcessStat | undefined {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const [pid, parent, ...ticks] = [line.split(' ')[0], fields[1], ...fields.slice(11, 15)].map(Number);
  const sum = ticks.reduce((total, part) => total + part, 0);
  if (pid === undefined || parent === undefined || ticks.length < 4 || Number.isNaN(pid + parent + sum))
    return undefined;
  return { pid, parent, cpuSeconds: sum / TICKS_PER_SECOND };
}

/** CPU seconds of a process and all its descendants, living or ended. */
export function cpuSecondsOfTree(root: number, processes: readonly ProcessStat[]): number {
  const wanted = new Set([root]);
  for (let size = 0; size < wanted.size;) {
    size = wanted.size;
    for (const { pid, parent } of processes) if (wanted.has(parent)) wanted.add(pid);
  }
  return processes.reduce((sum, { pid, cpuSeconds }) => sum + (wanted.has(pid) ? cpuSeconds : 0), 0);
}

/** CPU seconds so far by name; undefined on systems without /proc. */
export function measureCpu(roots: Readonly<Record<string, number>>): Record<string, number> | undefined {
  if (process.platform !== 'linux') return undefined;
  const processes = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? readStat(name) : []));
  return Object.fromEntries(Object.entries(roots).map(([name, pid]) => [name, cpuSecondsOfTree(pid, processes)]));
}

/**
 * Reads the first line of /proc/stat: seconds in which the machine's processors worked, whoever for. Waiting for disks
 * is not work; `steal` is, since another guest had the processor then.
 */
export function parseBusySeconds(line: string): number | undefined {
  const [user, nice, system, , , irq, softirq, steal] = line.trim().split(/\s+/).slice(1).map(Number);
  const sum = [user, nice, system, irq, softirq, steal].reduce<number>((total, part) => total + (part ?? 0), 0);
  return line.startsWith('cpu ') && !Number.isNaN(sum) ? sum / TICKS_PER_SECOND : undefined;
}

/** Seconds in which the machine's processors worked since it started, over all of them; undefined without /proc. */
export function measureBusy(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  return parseBusySeconds(readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '');
}

function readStat(pid: string): ProcessStat[] {
  try {
    const stat = parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return stat ? [stat] : [];
  } catch {
    return []; // It ended while we looked.
  }
}
