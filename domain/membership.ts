/**
 * Membership: a person's enrolment in a context, as the roster of the LMS (NRPS) tells it. Its standing is what the roles
 * come to for grading; the roles themselves are kept as they came.
 */
import type { FailureType } from './failure.js';

export const MEMBERSHIP_STATUSES = ['Active', 'Inactive', 'Deleted'] as const;
export type MembershipStatus = (typeof MEMBERSHIP_STATUSES)[number];

/**
 * - `learner`: gets grades, whatever else the person is: assistants and, on Open edX, all staff are learners too.
 * - `staff`: teaches or looks after the course, and does not learn in it.
 * - `observer`: looks on for a learner; Canvas lists observers as mentors.
 * - `testUser`: the student view of a teacher, no person.
 * - `other`: no role that says anything; the LMS decides.
 */
export const STANDINGS = ['learner', 'staff', 'observer', 'testUser', 'other'] as const;
export type Standing = (typeof STANDINGS)[number];

export const MEMBERSHIP_CHANGES = ['joined', 'left', 'returned', 'roleChanged'] as const;
export type MembershipChange = (typeof MEMBERSHIP_CHANGES)[number];

/** Failure types of scores that the roster keeps back, and lets go again. */
export const ROSTER_HOLDS = ['MemberLeft', 'MemberHasNoGrades'] as const satisfies readonly FailureType[];

/** What an LMS says of somebody who is not enrolled, or not as a student: worth another call once it shows him to us. */
export const REFUSED_MEMBERS = [
  'MemberNotInContext',
  'MemberNotGradable',
  'ScoreOrMemberRefused',
  'ScoreKeepsFailing',
] as const satisfies readonly FailureType[];

const STAFF = ['instructor', 'teachingassistant', 'contentdeveloper', 'administrator', 'manager', 'officer'];
/** `…/membership#Learner`, a sub-role such as `…/membership/Learner#GuestLearner`, and the URNs of LTI 1.1. */
const CONTEXT_ROLE = /\/membership(?:\/(\w+))?#(\w+)$|^urn:lti:role:ims\/lis\/(\w+)/i;
/** Short names are allowed for context roles only. https://www.imsglobal.org/spec/lti/v1p3#lis-vocabulary-for-context-roles */
const SHORT_ROLE = /^(\w+)(?:[/#]\w+)?$/;
const TEST_USER = /\/person#TestUser$/i;

/** What the roles of one person come to. Institution and system roles say nothing of the course, but for test users. */
export function standingOf(roles: readonly string[]): Standing {
  if (roles.some((role) => TEST_USER.test(role))) return 'testUser';
  const names = new Set(roles.map(contextRoleOf));
  if (names.has('learner') || names.has('student')) return 'learner';
  if (STAFF.some((name) => names.has(name))) return 'staff';
  return names.has('mentor') ? 'observer' : 'other';
}

function contextRoleOf(role: string): string {
  const match = CONTEXT_ROLE.exec(role) ?? SHORT_ROLE.exec(role);
  const [, principal, name, urn] = match ?? [];
  return (principal ?? name ?? urn ?? '').toLowerCase();
}

interface Entry {
  readonly userId: string;
  readonly roles: readonly string[];
  readonly status: MembershipStatus;
}

/**
 * One entry for each person of a roster that lists some of them more than once, such as by role or by section: all roles
 * together, and active if any entry is. What else an entry tells is the last one's.
 */
export function joinEntries<E extends Entry>(entries: readonly E[]): E[] {
  const joined = new Map<string, E>();
  for (const entry of entries) {
    const known = joined.get(entry.userId);
    const roles = known ? [...new Set([...known.roles, ...entry.roles])] : entry.roles;
    const status = known?.status === 'Active' ? known.status : entry.status;
    joined.set(entry.userId, known ? { ...entry, roles, status } : entry);
  }
  return [...joined.values()];
}
