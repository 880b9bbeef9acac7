import { isRefusalOfData, refusalCode } from './refusal-code.js';

/**
 * Halves a page that PostgreSQL refuses for the sake of its data, until the row is alone that is meant, which `leaveOut`
 * then takes out of the way: it takes no other with it. Undefined: there was none, so that no row is the reason.
 */
export async function halveRefused<T>(
  limit: number,
  work: (limit: number) => Promise<T>,
  leaveOut: () => Promise<T | undefined>,
): Promise<T> {
  try {
    return await work(limit);
  } catch (error) {
    const code = refusalCode(error);
    if (code === undefined || !isRefusalOfData(code)) throw error;
    if (limit > 1) return halveRefused(Math.floor(limit / 2), work, leaveOut);
    const left = await leaveOut();
    if (left === undefined) throw error;
    return left;
  }
}
