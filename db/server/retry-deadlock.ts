/** PostgreSQL: deadlock_detected and serialization_failure, after which the same transaction may be tried again. */
const TRY_AGAIN_CODES = new Set(['40P01', '40001']);
const TRIES = 5;

/** Runs a transaction again when PostgreSQL gave it up for the sake of another. Safe, since nothing of it was kept. */
export async function retryDeadlock<T>(transaction: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await transaction();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (tries >= TRIES || !TRY_AGAIN_CODES.has(code)) throw error;
    }
  }
}
