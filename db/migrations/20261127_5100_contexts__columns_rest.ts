/** A look for the columns of a course that fails is followed by growing rests, whoever asks and whichever workflow lives. */
export const sql = `
alter table contexts
  add column columns_failure text,
  add column columns_failed_times integer not null default 0,
  add column columns_rest_until timestamptz;
`;
