import assert from 'node:assert/strict';
import { test } from 'node:test';
import { standingOf, type Standing } from '../../domain/membership.js';

const context = 'http://purl.imsglobal.org/vocab/lis/v2/membership';
const learner = `${context}#Learner`;
const instructor = `${context}#Instructor`;
const testUser = 'http://purl.imsglobal.org/vocab/lti/system/person#TestUser';
const studentOfTheSchool = 'http://purl.imsglobal.org/vocab/lis/v2/institution/person#Student';

const cases: [string, string[], Standing][] = [
  ['a learner', [learner], 'learner'],
  ['a learner by the short name', ['Learner'], 'learner'],
  ['a learner whose role is written in capitals', [learner.toUpperCase()], 'learner'],
  ['a learner by a sub-role', [`${context}/Learner#GuestLearner`], 'learner'],
  ['a learner by a role of LTI 1.1', ['urn:lti:role:ims/lis/Learner/NonCreditLearner'], 'learner'],
  ['an assistant who learns too', [instructor, `${context}/Instructor#TeachingAssistant`, learner], 'learner'],
  ['staff of Open edX, enrolled as both', [learner, instructor], 'learner'],
  ['an assistant', [instructor, `${context}/Instructor#TeachingAssistant`], 'staff'],
  ['an assistant by the sub-role alone', [`${context}/Instructor#TeachingAssistant`], 'staff'],
  ['a designer', ['ContentDeveloper'], 'staff'],
  ['an observer', [`${context}#Mentor`], 'observer'],
  ['a mentor who teaches', [`${context}#Mentor`, instructor], 'staff'],
  ['a test user', [learner, testUser], 'testUser'],
  ['a student of the school who teaches here', [studentOfTheSchool, instructor], 'staff'],
  ['a student of the school without a role here', [studentOfTheSchool], 'other'],
  ['a member without roles', [], 'other'],
  ['a role that nobody knows', ['https://lms.example/roles#Auditor'], 'other'],
];

for (const [who, roles, standing] of cases) {
  test(`takes ${who} for ${standing}`, () => assert.equal(standingOf(roles), standing));
}
