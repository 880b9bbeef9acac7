import { readFileSync } from 'node:fs';

/** Resident memory of a process in MB: now, or the most that it ever was. NaN on systems without /proc. */
export function memoryMb(pid: number, which: 'now' | 'peak'): number {
  try {
    return parseMemory(readFileSync(`/proc/${pid}/status`, 'utf8'), which);
  } catch {
    return Number.NaN;
  }
}

/** Reads /proc/<pid>/status; see proc(5). */
export function parseMemory(status: string, which: 'now' | 'peak'): number {
  const line = which === 'peak' ? /^VmHWM:\s+(\d+) kB$/m : /^VmRSS:\s+(\d+) kB$/m;
  return Number(line.exec(status)?.[1] ?? Number.NaN) / 1_024;
}
