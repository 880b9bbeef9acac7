import { Context } from '@temporalio/activity';

/** Runs long work with a heartbeat, every five seconds by default, however long one of its parts takes. */
export async function withHeartbeat<T>(
  heartbeat: () => void,
  work: () => Promise<T>,
  { everyMs = 5_000 }: { everyMs?: number } = {},
): Promise<T> {
  const timer = setInterval(heartbeat, everyMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/**
 * The same for an activity that works long on our own database, whose silence is noticed within ten seconds. `work` is given
 * the activity's signal to end.
 */
export async function withOwnHeartbeat<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const activity = Context.current();
  return withHeartbeat(
    () => activity.heartbeat(),
    () => work(activity.cancellationSignal),
    { everyMs: 2_000 },
  );
}
