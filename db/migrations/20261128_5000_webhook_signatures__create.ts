/**
 * Signatures that were taken, so that what was signed once is taken once, by whatever id it is sent again. Only of sources whose
 * signature covers no time, or not the id of an event. It outlives the event, whose id is forgotten after thirty days: hence no
 * foreign key. No retention may shorten it.
 */
export const sql = `
create table webhook_signatures (
  source uuid not null references webhook_sources (id) on delete cascade,
  digest bytea not null,
  event uuid not null,
  seen_at timestamptz not null default now(),
  until timestamptz,
  primary key (source, digest)
);
comment on column webhook_signatures.digest is 'SHA-256 of the signature, which is keyed by the secret: it tells nothing of the body.';
comment on column webhook_signatures.until is 'Null: as long as the secret is valid.';
create index webhook_signatures_seen_at on webhook_signatures (source, seen_at);
create index webhook_signatures_until on webhook_signatures (until) where until is not null;
`;
