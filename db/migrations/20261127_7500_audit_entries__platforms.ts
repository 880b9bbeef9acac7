/** What an entry concerns is written with it: its subject may be gone, or elsewhere, when somebody looks. */
export const sql = `
alter table audit_entries add column platforms text[];
comment on column audit_entries.platforms is 'Platform ids that it concerns; null: all, or more than its subject says.';

create index audit_entries_key on audit_entries (api_key, id);
drop index audit_entries_api_key;
create index audit_entries_action on audit_entries (action, id);
create index audit_entries_at on audit_entries (at);
`;
