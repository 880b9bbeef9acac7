/**
 * Where a revision came from is never changed, nor removed but with its week, or by whoever sets `passback.retention` as the
 * owner (20261128_3000). `make_week` brings rows home from the default partition, `delete_old_astray` ends what is too old for
 * a week; both as the owner, so this comes after 20261128_7000. The index serves whoever looks through a stretch of time, and
 * costs a new revision next to nothing.
 */
export const sql = `
alter function make_week(text, text, timestamptz) set passback.retention = 'on';
alter function delete_old_astray(text, text, interval) set passback.retention = 'on';
create trigger only_added before update or delete on score_revisions for each row execute function refuse_change();
create trigger never_emptied before truncate on score_revisions for each statement execute function refuse_change();
create index score_revisions_at on score_revisions using brin (at) with (autosummarize = on);
`;
