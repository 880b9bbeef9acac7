/**
 * Lets a sweep also wake what nobody carries on: its workflow was never started, is gone, or was not told of a decision.
 * Safe to repeat: what runs only looks where it stands. One that cannot be woken stops neither the others nor the sweep.
 */
export function withForgotten<Input, T>(
  sweep: (input: Input) => Promise<T>,
  forgotten: readonly { list: () => Promise<string[]>; wake: (id: string) => Promise<void> }[],
): (input: Input) => Promise<T> {
  return async (input) => {
    const result = await sweep(input);
    for (const { list, wake } of forgotten) {
      for (const id of await list()) await wake(id).catch(() => undefined);
    }
    return result;
  };
}
