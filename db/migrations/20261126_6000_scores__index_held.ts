export const sql = `
create index scores_held on scores (failure_type) where state = 'held';
`;
