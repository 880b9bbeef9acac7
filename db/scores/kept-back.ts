/** Why the roster keeps back what a membership (by its alias) would get, as a failure type; null: it does not, or never knew. */
export const keptBackBy = (membership: string): string => `case
  when ${membership}.status <> 'Active' then 'MemberLeft'
  when ${membership}.standing in ('testUser', 'observer') then 'MemberHasNoGrades' end`;
