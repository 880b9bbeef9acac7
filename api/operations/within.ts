/** What is done within so many milliseconds; what comes later is not waited for, and something else is given in its place. */
export async function within<T>(done: Promise<T>, ms: number, otherwise: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(otherwise()), Math.max(0, ms));
  });
  return Promise.race([done, late]).finally(() => clearTimeout(timer));
}
