import type { Member } from '../schemas/views.js';

const membership = 'http://purl.imsglobal.org/vocab/lis/v2/membership';

/** LTI 1.3 role URIs (imsglobal.org/spec/lti/v1p3#role-vocabularies). */
export const role = {
  learner: `${membership}#Learner`,
  instructor: `${membership}#Instructor`,
  mentor: `${membership}#Mentor`,
  assistant: `${membership}/Instructor#TeachingAssistant`,
  testUser: 'http://purl.imsglobal.org/vocab/lti/system/person#TestUser',
} as const;

/** Short names such as `Learner` are allowed for context roles. */
export function hasRole(member: Member, uri: string): boolean {
  const short = uri.slice(uri.indexOf('#') + 1);
  return member.roles.includes(uri) || (uri !== role.testUser && member.roles.includes(short));
}

/** Whether a gradebook has a row for the person: an explicit setting first, then the learner role. */
export function isGradable(member: Member): boolean {
  return member.gradable ?? (hasRole(member, role.learner) && !hasRole(member, role.testUser));
}
