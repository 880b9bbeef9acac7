/**
 * Attempts by their time, for counts by the hour. They come nearly in that order, and are never changed, so that an index
 * which only sums up blocks finds an hour, and costs an insertion next to nothing.
 */
export const sql = `
create index attempts_started on attempts using brin (started_at) with (autosummarize = on);
`;
