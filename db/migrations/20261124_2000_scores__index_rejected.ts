export const sql = `
create index scores_rejected on scores (updated_at) where state = 'rejected';
`;
