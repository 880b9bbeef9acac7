/**
 * Scores in the order of their changes. Any other kind of index would be written anew by each update of a score, and so
 * would all others with it (no HOT update any more); one that only sums up blocks is not, from PostgreSQL 16 on. With 15
 * that list reads all scores instead. Four pages to a range: few changes are read alone (docs/performance.md).
 */
export const sql = `
do $$
begin
  if current_setting('server_version_num')::integer >= 160000 then
    create index scores_changes on scores using brin (updated_at) with (pages_per_range = 4, autosummarize = on);
  end if;
end
$$;
`;
