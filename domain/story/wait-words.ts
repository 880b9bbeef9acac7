import type { WaitReason } from '../wait.js';
import type { FailureWords } from './failure-words.js';

const NOTHING_TO_DO = 'You need not do anything.';
const NONE_THERE = 'Nothing is to be done in the LMS.';

const paused = (what: string): FailureWords => ({
  student: `Grades are held back for the moment by those who look after the tool. ${NOTHING_TO_DO}`,
  administrator: `${NONE_THERE} Somebody paused what is sent to ${what}.`,
});

/** What two other readers are told of a wait behind which there is no failure. */
export const waitWords: Readonly<Record<WaitReason, FailureWords>> = {
  answer: {
    student: `The grade is being entered at this moment. ${NOTHING_TO_DO}`,
    administrator: `${NONE_THERE} The call is under way.`,
  },
  enrolment: {
    student: 'The list of the course does not show you as a student. If you are one, please ask your teacher.',
    administrator: 'Check the enrolment of this user.',
  },
  decision: {
    student: 'Another grade stands in the gradebook, and somebody has to decide which one counts.',
    administrator: `${NONE_THERE} It is asked which of two grades is to stand.`,
  },
  nightlyRun: {
    student: `Grades of this activity are entered once a night. ${NOTHING_TO_DO}`,
    administrator: `${NONE_THERE} The score goes with the next night.`,
  },
  platformPaused: paused('this LMS'),
  deploymentPaused: paused('this deployment of the tool'),
  contextPaused: paused('this course'),
  contextParked: {
    student: 'The course takes no grades at present. Those who look after it have to put that right.',
    administrator: 'Check that the course is open and that the tool may enter grades in it.',
  },
  lineItemParked: {
    student:
      'The column of this activity takes no grades at present. Those who look after the course have to put that right.',
    administrator: 'Check this column in the gradebook.',
  },
  launch: {
    student: 'It goes there as soon as somebody opens the activity from the course again. You may do that yourself.',
    administrator: 'Launch an activity of the tool from this course.',
  },
  platform: {
    student: `The gradebook is busy or away for the moment, and the grade goes there by itself. ${NOTHING_TO_DO}`,
    administrator: 'Check that the LMS is up and can be reached from outside.',
  },
  rest: {
    student: `It did not go through at once, and is tried again by itself. ${NOTHING_TO_DO}`,
    administrator: `${NONE_THERE} The score is sent again by itself.`,
  },
  readBack: {
    student: `We are checking whether the gradebook has it already. ${NOTHING_TO_DO}`,
    administrator: `${NONE_THERE} The result is read from the gradebook before anything is sent again.`,
  },
  lineItem: {
    student: `The column for this activity is being looked for in the gradebook. ${NOTHING_TO_DO}`,
    administrator:
      'Nothing is to be done, unless it lasts: then check that the tool may list and make gradebook columns.',
  },
  turn: {
    student: `It is in line, and goes there by itself soon. ${NOTHING_TO_DO}`,
    administrator: `${NONE_THERE} The score is in line.`,
  },
};
