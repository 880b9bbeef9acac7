import { ApplicationFailure } from '@temporalio/activity';
import type { SyncableContext } from '../../db/courses/context-work.js';
import type { ActivityDeps } from '../deps.js';

/** @throws ApplicationFailure `ContextNotKnown`, not to be retried, when there is no such context */
export async function getCourse(
  { contexts }: { contexts: Pick<ActivityDeps['contexts'], 'findSyncable'> },
  context: string,
): Promise<SyncableContext> {
  return (await contexts.findSyncable(context)) ?? failUnknownContext();
}

export function failUnknownContext(): never {
  throw ApplicationFailure.nonRetryable('There is no such context.', 'ContextNotKnown');
}
