/** What the Temporal UI shows of a workflow under "User Metadata": codes, times and numbers only. */
import { setCurrentDetails } from '@temporalio/workflow';

/** What a workflow does now. */
export interface Shown {
  phase: string;
  waitingFor: string | null;
  /** When it goes on by itself, as ISO 8601. */
  waitingUntil: string | null;
}

/** @param ms from now */
export function toShown(phase: string, waitingFor: string | null = null, ms = 0): Shown {
  return { phase, waitingFor, waitingUntil: waitingFor === null ? null : new Date(Date.now() + ms).toISOString() };
}

/** Without the date: what is waited for in a workflow is an hour away at most. */
export function describeShown({ phase, waitingFor, waitingUntil }: Shown): string {
  const isWaiting = waitingFor !== null && waitingUntil !== null;
  return `**${phase}**${isWaiting ? ` for ${waitingFor} until ${waitingUntil.slice(11, 19)} UTC` : ''}`;
}

/** Sets the details. The UI (2.42) cuts off the last line, so one more follows that says nothing. */
export function showDetails(lines: readonly string[]): void {
  setCurrentDetails([...lines, '', '\u00a0'].join('\n'));
}
