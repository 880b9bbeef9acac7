/**
 * What a call of a score (`s`) carries, and what the gradebook was last known to have taken. The columns `sending` and
 * `submitted` hold it only where it is another than `value`, so that a value is written once and not three times;
 * `sending_revision` and `submitted_revision` say whether there is one. As SQL; null where there is none.
 */
export const SENDING = 'case when s.sending_revision is not null then coalesce(s.sending, s.value) end';
export const SUBMITTED = 'case when s.submitted_revision is not null then coalesce(s.submitted, s.value) end';
