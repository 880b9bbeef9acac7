/** When the sender of a gate was told that something is ready, first and last; null: it has begun to look since. */
export const sql = `
create table gate_wakes (
  gate uuid primary key references gates,
  asked_at timestamptz,
  first_asked_at timestamptz,
  check ((asked_at is null) = (first_asked_at is null))
) with (fillfactor = 50);
`;
