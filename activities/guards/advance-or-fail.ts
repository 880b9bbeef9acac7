import type { ActivityDeps } from '../deps.js';

/** Work that is kept as a row and done page by page. */
interface Pages<Page> {
  /** Undefined: there is no such row. */
  advance(id: string): Promise<Page | undefined>;
  fail(id: string, code: string): Promise<void>;
}

/** The next page. One that PostgreSQL refuses for good ends the work as failed; what was done before stays done. */
export async function advanceOrFail<Page>(
  pages: Pages<Page>,
  id: string,
  refusalCode: ActivityDeps['refusalCode'],
): Promise<Page | undefined> {
  try {
    return await pages.advance(id);
  } catch (error) {
    const code = refusalCode(error);
    if (code === undefined) throw error;
    await pages.fail(id, code);
    return pages.advance(id);
  }
}
