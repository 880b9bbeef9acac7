import { type ChildProcess, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * A text that tells one process from a later one that was given the same pid: the boot and the instant at which
 * it started. Undefined when no such process runs; a zombie counts as gone, since it holds nothing but its number.
 */
export function processIdentity(pid: number): string | undefined {
  if (!isSignalable(pid)) return undefined;
  return process.platform === 'linux' ? linuxIdentity(pid) : psField(pid, 'lstart');
}

/** Whether the process runs. A zombie does not. */
export function isRunning(pid: number): boolean {
  return processIdentity(pid) !== undefined;
}

/** The command line with its arguments parted by spaces; empty when there is no such process. */
export function commandLine(pid: number): string {
  if (process.platform !== 'linux') return psField(pid, 'command') ?? '';
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

/**
 * Sends the signals one after another, each after the time of the one before has passed without the process ending.
 * Resolves to false when it outlived them all.
 */
export async function endProcess(
  pid: number,
  steps: readonly { signal: NodeJS.Signals; waitMs: number }[],
): Promise<boolean> {
  const identity = processIdentity(pid);
  const isGone = () => identity === undefined || processIdentity(pid) !== identity;
  for (const { signal, waitMs } of steps) {
    if (isGone()) return true;
    sendSignal(pid, signal);
    const deadline = performance.now() + waitMs;
    while (!isGone() && performance.now() < deadline) await delay(15);
  }
  return isGone();
}

/** Sends a signal to a process, or with a negative pid to its group; one that has ended meanwhile is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  // 0 would mean our own group.
  if (pid === 0) return;
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!isErrorWithCode(error, 'ESRCH')) throw error;
  }
}

/** Whether a child has ended. Its number may then be another program's: it must not be sent a signal any more. */
export function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

/** Whether a caught value is a system error with one of these codes, such as ENOENT. */
export function isErrorWithCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);
}

function isSignalable(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isErrorWithCode(error, 'EPERM');
  }
}

function linuxIdentity(pid: number): string | undefined {
  try {
    // Fields after the program's name, which is in brackets and may itself hold brackets and spaces: proc(5).
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}/${fields[19]}`;
  } catch {
    return undefined;
  }
}

function psField(pid: number, field: 'lstart' | 'command'): string | undefined {
  const answer = spawnSync('ps', ['-o', `stat=,${field}=`, '-p', String(pid)], { encoding: 'utf8' });
  const line = answer.stdout?.trim() ?? '';
  if (line === '' || line.startsWith('Z')) return undefined;
  return line.replace(/^\S+\s+/, '');
}
