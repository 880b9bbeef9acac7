export const sql = `
create table score_pulls (
  context uuid primary key references contexts (id),
  pulled_at timestamptz not null
);
`;
