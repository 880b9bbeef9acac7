/** `sending` and `submitted` hold a value only where it is another than `value`; their revisions say whether there is one. */
export const sql = `
alter table scores drop constraint scores_check, drop constraint scores_check1;
update scores set sending = nullif(sending, value), submitted = nullif(submitted, value)
where sending = value or submitted = value;
alter table scores
  add constraint scores_sending check ((state in ('sending', 'unknown')) = (sending_revision is not null)
    and (sending is null or sending_revision is not null)),
  add constraint scores_submitted check (submitted is null or submitted_revision is not null);
comment on column scores.sending is 'What the call carries that is under way or unknown; null: the value of today, if sending_revision is set.';
comment on column scores.submitted is 'What the gradebook last took; null: the value of today, if submitted_revision is set.';
`;
