import type { CellSummary, JournalEntry, JournalPage, JournalQuery, JournalSummary } from '../schemas/journal.js';

export interface Journal {
  /** Takes the entry in and numbers it; its `status` and `fault` may still be set afterwards. */
  append(entry: Omit<JournalEntry, 'seq'>): JournalEntry;
  page(query: JournalQuery): JournalPage;
  /** The last entries, newest first. */
  latest(count: number, query?: JournalQuery): JournalEntry[];
  summary(query: JournalQuery): JournalSummary;
  clear(): void;
  size(): number;
}

/** Every LTIAAS call in memory, oldest forgotten beyond `keep` entries. Numbers go on after `clear`. */
export function createJournal(keep = 1_000_000): Journal {
  let entries: JournalEntry[] = [];
  let nextSeq = 1;

  function matching(query: JournalQuery): JournalEntry[] {
    const first = entries[0];
    // Numbers are dense, so a cursor is an index and following the journal never rereads it.
    const start = first === undefined || query.after === undefined ? 0 : Math.max(0, query.after - first.seq + 1);
    const limit = query.limit ?? Number.POSITIVE_INFINITY;
    const found: JournalEntry[] = [];
    for (let index = start; index < entries.length && found.length < limit; index += 1) {
      const entry = entries[index];
      if (entry !== undefined && matches(entry, query)) found.push(entry);
    }
    return found;
  }

  return {
    append(fields) {
      if (entries.length >= keep) entries = entries.slice(Math.ceil(keep / 10));
      const entry: JournalEntry = { seq: nextSeq, ...fields };
      nextSeq += 1;
      entries.push(entry);
      return entry;
    },
    page(query) {
      const found = matching(query);
      const full = query.limit !== undefined && found.length === query.limit;
      return { entries: found, cursor: full ? (found.at(-1)?.seq ?? nextSeq - 1) : nextSeq - 1 };
    },
    latest(count, query = {}) {
      const found: JournalEntry[] = [];
      for (let index = entries.length - 1; index >= 0 && found.length < count; index -= 1) {
        const entry = entries[index];
        if (entry !== undefined && matches(entry, query)) found.push(entry);
      }
      return found;
    },
    summary: (query) => summarise(matching(query)),
    clear() {
      entries = [];
    },
    size: () => entries.length,
  };
}

function matches(entry: JournalEntry, query: JournalQuery): boolean {
  return (
    (query.route === undefined || entry.route === query.route) &&
    (query.method === undefined || entry.method === query.method) &&
    (query.platformId === undefined || entry.platformId === query.platformId) &&
    (query.contextId === undefined || entry.contextId === query.contextId) &&
    (query.lineItemId === undefined || entry.lineItemId === query.lineItemId) &&
    (query.userId === undefined || entry.userId === query.userId) &&
    (query.status === undefined || entry.status === query.status) &&
    (query.applied === undefined || entry.applied === query.applied)
  );
}

function summarise(entries: readonly JournalEntry[]): JournalSummary {
  const byStatus: Record<string, number> = {};
  const byRoute: Record<string, number> = {};
  const cells = new Map<string, Map<string, CellSummary>>();
  let applied = 0;
  for (const entry of entries) {
    const status = entry.status === null ? 'none' : String(entry.status);
    byStatus[status] = (byStatus[status] ?? 0) + 1;
    byRoute[entry.route] = (byRoute[entry.route] ?? 0) + 1;
    if (entry.applied) applied += 1;
    if (entry.route === 'submitScore') countCell(cells, entry);
  }
  return {
    calls: entries.length,
    applied,
    byStatus,
    byRoute,
    cells: [...cells.values()].flatMap((users) => [...users.values()]),
  };
}

function countCell(cells: Map<string, Map<string, CellSummary>>, entry: JournalEntry): void {
  const { contextId, lineItemId, userId } = entry;
  if (contextId === null || lineItemId === null || userId === null) return;
  let users = cells.get(lineItemId);
  if (users === undefined) cells.set(lineItemId, (users = new Map<string, CellSummary>()));
  let cell = users.get(userId);
  if (cell === undefined)
    users.set(userId, (cell = { contextId, lineItemId, userId, calls: 0, applied: 0, values: [] }));
  cell.calls += 1;
  if (!entry.applied) return;
  cell.applied += 1;
  cell.values.push(scoreGivenOf(entry.score));
}

function scoreGivenOf(score: unknown): number | null {
  if (typeof score !== 'object' || score === null || !('scoreGiven' in score)) return null;
  return typeof score.scoreGiven === 'number' ? score.scoreGiven : null;
}
