/**
 * Whoever asks for a course asks for what is on one kind of hold there, and finds it without reading the others. The hold
 * changes no more often than before with an index that names it: a claim changes none.
 */
export const sql = `
drop index score_queue_context;
create index score_queue_context on score_queue (context, hold);
`;
