/** Whose key brought what leaves no audit entry, since it comes with each launch or submission. */
export const sql = `
alter table service_keys add column brought_by uuid references api_keys, add column brought_request uuid;
create index service_keys_brought_by on service_keys (brought_by) where brought_by is not null;
alter table webhook_references add column tied_by uuid references api_keys, add column tied_request uuid;
create index webhook_references_tied_by on webhook_references (tied_by) where tied_by is not null;
`;
