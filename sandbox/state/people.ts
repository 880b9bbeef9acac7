import { role } from '../families/roles.js';
import type { Member } from '../schemas/views.js';

const given =
  'Ada Ben Chloe Dmitri Elif Farid Grace Hiro Ines Jonas Kavya Liam Maya Noor Otto Priya Quinn Rosa Sami Tess Uma Viktor Wanda Xin Yara Zeno'.split(
    ' ',
  );
const family =
  'Abebe Bauer Costa Duarte Eriksen Fischer Gupta Haddad Ivanova Jensen Kim Larsen Moreau Nakamura Okafor Petrov Quispe Rossi Singh Tanaka Ueda Vargas Weber Xu Yilmaz Zhang'.split(
    ' ',
  );

export type PersonKind = 'student' | 'instructor' | 'assistant' | 'observer' | 'inactive' | 'testUser';

/** Roles as rosters carry them: Canvas lists observers as mentors, and assistants hold the instructor role too. */
const rolesOf: Record<PersonKind, readonly string[]> = {
  student: [role.learner],
  inactive: [role.learner],
  instructor: [role.instructor],
  assistant: [role.instructor, role.assistant],
  observer: [role.mentor],
  testUser: [role.learner, role.testUser],
};

/** A made-up person, the same for the same number. Open edX enrols staff as learners as well. */
export function createPerson(kind: PersonKind, number: number, userId: string, isOpenEdx: boolean): Member {
  const givenName = kind === 'testUser' ? 'Test' : (given[number % given.length] ?? 'Ada');
  const familyName =
    kind === 'testUser' ? 'Student' : (family[(number * 7 + Math.floor(number / 26)) % family.length] ?? 'Abebe');
  const isStaff = kind === 'instructor' || kind === 'assistant';
  return {
    userId,
    roles: isOpenEdx && isStaff ? [role.learner, ...rolesOf[kind]] : [...rolesOf[kind]],
    status: kind === 'inactive' ? 'Inactive' : 'Active',
    name: `${givenName} ${familyName}`,
    givenName,
    familyName,
    email: `${givenName}.${familyName}.${number}@school.example`.toLowerCase(),
  };
}
