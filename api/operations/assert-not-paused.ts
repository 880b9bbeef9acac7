import type { Pauses } from '../../db/platforms/pauses.js';
import { ProblemError } from '../problems.js';
import { waitingFor } from '../scores/waiting.js';

/** @throws {ProblemError} 409 while somebody has paused the course, its deployment or its platform: nothing is read from it */
export async function assertNotPaused(pauses: Pick<Pauses, 'findOf'>, context: string): Promise<void> {
  const pause = await pauses.findOf(context);
  if (!pause) return;
  const { reason, until } = pause;
  const wait = { reason, type: null, note: null, since: null, until: until?.toISOString() ?? null };
  const { sentence = '', advice = '' } = waitingFor({ wait }) ?? {};
  throw new ProblemError('paused', `${sentence} ${advice}`);
}
