/** A pass wakes the sender of a gate with every page of its courses: it is told of its run once. */
export const sql = `
alter table gate_wakes add run uuid;
comment on column gate_wakes.run is 'The last run that the sender was told of.';
`;
