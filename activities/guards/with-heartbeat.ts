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

/** For long work on our own database, whose silence is noticed within ten seconds. */
export const OWN_WORK = { everyMs: 2_000 } as const;
