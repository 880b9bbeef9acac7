/* eslint-disable max-lines -- one table: a second file would be nothing but its overflow */
import { isFailureType, type FailureType } from '../failure.js';

/** What two other readers are told of a failure, beside the sentence and the advice of `domain/failure-catalogue.ts`. */
export interface FailureWords {
  /** For the student: why the grade is not there yet, or what to do. Nothing of how it is brought there. */
  readonly student: string;
  /** For the administrator of the LMS: what to look for, and to do, there. */
  readonly administrator: string;
}

const NOTHING_TO_DO = 'You need not do anything.';
const BUSY = `The gradebook is busy or away for the moment, and the grade goes there by itself. ${NOTHING_TO_DO}`;
const ASK_STAFF = 'The staff of the tool have to look at it: please tell them.';
const ASK_OPENING = 'It goes there as soon as somebody opens the activity from the course again.';
const CONNECTION = 'The connection between the tool and the course has to be put right by those who look after it.';
const NONE_THERE = 'Nothing is to be done in the LMS.';

/** By every failure of the catalogue: a new one gets its words here. */
export const failureWords: Readonly<Record<FailureType, FailureWords>> = {
  ScoreRejected: {
    student: `The gradebook did not take this grade. ${ASK_STAFF}`,
    administrator: 'Look in the log of the LMS why it refused this score: its answer is given above.',
  },
  MemberNotInContext: {
    student: 'The course does not list you as a student. Please ask your teacher about your enrolment.',
    administrator: 'Check that this user is enrolled in the course, actively, with a student role.',
  },
  ScoreOrMemberRefused: {
    student: 'Most often this means that the course does not list you as a student. Please ask your teacher.',
    administrator:
      'Check first that this user is enrolled with a role that has grades, then whether the column takes scores.',
  },
  MemberNotGradable: {
    student: 'You are in the course with a role that gets no grades. Please ask your teacher.',
    administrator: 'Check the role of this user in the course, and which roles have grades (Moodle: “Graded roles”).',
  },
  MemberLeft: {
    student: 'The course no longer lists you as an active student. If you are one, please ask your teacher.',
    administrator: 'Check the enrolment: the list of members that the LMS gave no longer had this user as active.',
  },
  MemberHasNoGrades: {
    student: 'By the list of the course you only look on, and get no grades there. Please ask your teacher if you do.',
    administrator: 'Check the role of this user in the course: it is that of a test user or an observer.',
  },
  AttemptsUsedUp: {
    student: 'You have used all attempts that the assignment allows. Please ask your teacher for another one.',
    administrator: 'Allow this user more attempts in the settings of the assignment.',
  },
  SubmittedAtInFuture: {
    student: `Two clocks do not agree, and the grade goes there by itself in a while. ${NOTHING_TO_DO}`,
    administrator: 'Check the clock of the LMS: it takes the time of the submission for one ahead.',
  },
  TimestampConflict: {
    student: `We are checking whether the gradebook has it already. ${NOTHING_TO_DO}`,
    administrator:
      'Nothing is to be done: the LMS says that it has a score of that time or later, and the result is being read.',
  },
  OutcomeUnknown: {
    student: `We are checking whether the gradebook has it already. ${NOTHING_TO_DO}`,
    administrator: 'Nothing is to be done, unless calls often end without an answer: then look at the load of the LMS.',
  },
  CallNotBegun: {
    student: `The grade goes there by itself in a moment. ${NOTHING_TO_DO}`,
    administrator: `${NONE_THERE} No call was made.`,
  },
  PlatformFailed: {
    student: BUSY,
    administrator: 'Look in the log of the LMS for the internal error at the time of the call.',
  },
  ScoreKeepsFailing: {
    student: `The gradebook fails for this one grade again and again. ${ASK_STAFF}`,
    administrator: 'Look in the log of the LMS why it fails for this user alone, while it takes the scores of others.',
  },
  HumanGradeStands: {
    student: 'Your teacher has changed this grade in the gradebook, and that change counts.',
    administrator: `${NONE_THERE} A person changed the grade there, and the settings for this course let it stand.`,
  },
  HumanGradeUndecided: {
    student: 'Your teacher has changed this grade in the gradebook, and somebody has to decide which one counts.',
    administrator: `${NONE_THERE} A person changed the grade there, and it is asked which of the two is to stand.`,
  },
  GradeStands: {
    student: 'The gradebook has a grade for you already, and that one is kept.',
    administrator: `${NONE_THERE} The gradebook keeps the grade that it has.`,
  },
  HumanGradeKept: {
    student: 'The grade that your teacher gave in the gradebook was kept.',
    administrator: `${NONE_THERE} It was decided that the grade of the teacher stands.`,
  },
  BackfillWithdrawn: {
    student: 'A correction was begun and taken back, so nothing was changed in the gradebook.',
    administrator: `${NONE_THERE} A correction was stopped before it was sent.`,
  },
  ScoreWithdrawn: {
    student: 'The staff of the tool took this grade back before it was entered. Please ask them why.',
    administrator: `${NONE_THERE} The score was withdrawn before it was sent.`,
  },
  OutcomeNotStored: {
    student: `Something went wrong on our side, and it may be in the gradebook or not. ${ASK_STAFF}`,
    administrator:
      'Look whether the gradebook shows a grade of the time of the last call; the fault is not in the LMS.',
  },
  RequestMalformed: {
    student: `Something went wrong on our side. ${ASK_STAFF}`,
    administrator:
      'Nothing is to be done in the LMS: it could not use what was sent. Its answer, above, helps the vendor.',
  },
  LaunchTokenRejected: {
    student: 'Please open the activity from your course once more.',
    administrator: `${NONE_THERE} A launch was handed on too late, or twice.`,
  },
  UnknownAnswer: {
    student: `The gradebook gave an answer that we are looking into, and it is tried again. ${NOTHING_TO_DO}`,
    administrator: 'Look in the log of the LMS, or of a proxy before it, for this answer: it is none that is known.',
  },
  LineItemNotFound: {
    student: 'The column of this activity is gone from the gradebook. Please tell your teacher.',
    administrator: 'Check whether the column was deleted; launching the activity again makes or finds it.',
  },
  LineItemUnpublished: {
    student: 'The assignment is not published yet: the grade goes there once your teacher has published it.',
    administrator: 'Publish the assignment of this column.',
  },
  LineItemNotOwned: {
    student: `The column in the gradebook belongs to something else. ${CONNECTION}`,
    administrator: 'Check which tool the column belongs to: the LMS lets a tool write to its own columns only.',
  },
  LineItemAmbiguous: {
    student: `Several columns in the gradebook look alike, and it is not certain which is meant. ${CONNECTION}`,
    administrator: 'Look for several columns of this name in the course, and remove those that are not wanted.',
  },
  LineItemNotStored: {
    student: `Something went wrong on our side. ${ASK_STAFF}`,
    administrator: `${NONE_THERE} The column is there; the fault is not in the LMS.`,
  },
  LineItemRejected: {
    student: `The gradebook has no column for this activity. ${CONNECTION}`,
    administrator: 'Look in the log of the LMS why it refused to make the column: its name, its maximum, its activity.',
  },
  LineItemCreationNotAllowed: {
    student: `The gradebook has no column for this activity. ${CONNECTION}`,
    administrator:
      'Let the tool manage gradebook columns (in Moodle: “Use this service for grade sync and column management”).',
  },
  NoMemberAccepted: {
    student: 'The course is probably not published yet. The grade goes there when it is.',
    administrator: 'Publish the course; if it is, check that its students are enrolled with roles that have grades.',
  },
  EveryScoreRefused: {
    student: `The gradebook takes no grades for this activity at present. ${CONNECTION}`,
    administrator:
      'Look at the settings of this column, and in the log of the LMS: it refuses every score in the same way.',
  },
  ContextConcluded: {
    student: 'The course has ended, and its gradebook is closed. Please ask your teacher if the grade still counts.',
    administrator: 'Reopen the course, or change its end date, if grades are still to be taken.',
  },
  ContextNotFound: {
    student: 'The course is no longer there. If it is, please tell your teacher.',
    administrator: 'Check whether this course was deleted, or the tool’s access to it.',
  },
  ToolRemoved: {
    student: 'The tool was removed from the course. Please tell your teacher.',
    administrator: 'Add the tool to the course again, and launch an activity of it.',
  },
  ServiceKeyMissing: {
    student: `${ASK_OPENING} You may do that yourself.`,
    administrator: 'Launch an activity of the tool from this course: the LMS then says that scores may be sent.',
  },
  ServiceKeyRejected: {
    student: `${ASK_OPENING} You may do that yourself.`,
    administrator: 'Launch an activity of the tool from this course again: what the last launch allowed has ended.',
  },
  ServiceKeyUnreadable: {
    student: 'Something is wrong on the side of the tool, which its people have been told.',
    administrator: 'Nothing is wrong in the LMS: the tool’s people must look at what they store.',
  },
  ServiceNotAvailable: {
    student: `The course does not let the tool enter grades. ${CONNECTION}`,
    administrator: 'Allow the tool the services for grades and members, then launch an activity of it again.',
  },
  ScopeMissing: {
    student: `The course does not let the tool enter grades. ${CONNECTION}`,
    administrator:
      'Grant the tool the scope for scores and columns in its registration, then launch an activity again.',
  },
  RosterTooLarge: {
    student: `The list of the course is very long; grades are entered all the same. ${NOTHING_TO_DO}`,
    administrator: 'Raise the limit up to which the LMS lists members to a tool.',
  },
  ResourceLinkNotFound: {
    student: `The activity can no longer be found in the course. ${CONNECTION}`,
    administrator: 'Check whether the activity was deleted or copied; launch it again.',
  },
  UnreadableAnswer: {
    student: BUSY,
    administrator: 'Look for a login page, a proxy or a firewall that answers in place of the LMS.',
  },
  PageElsewhere: {
    student: BUSY,
    administrator:
      'Check the address that the LMS gives for the further pages of its lists: it is not that of the LMS.',
  },
  ScoreSourceUnreachable: {
    student: `The tool does not answer for the moment, and is asked again. ${NOTHING_TO_DO}`,
    administrator: `${NONE_THERE} The tool could not be asked for its scores.`,
  },
  ScoreSourceTooSlow: {
    student: `The tool does not answer for the moment, and is asked again. ${NOTHING_TO_DO}`,
    administrator: `${NONE_THERE} The tool answered too slowly when it was asked for its scores.`,
  },
  ScoreSourceRefused: {
    student: `The tool did not tell us its grades. ${ASK_STAFF}`,
    administrator: `${NONE_THERE} The tool refused to tell its scores.`,
  },
  ScoreSourceUnreadable: {
    student: `The tool did not tell us its grades in a way that can be read. ${ASK_STAFF}`,
    administrator: `${NONE_THERE} What the tool told of its scores could not be read.`,
  },
  ScoreSourceEndless: {
    student: `The tool did not tell us all of its grades. ${ASK_STAFF}`,
    administrator: `${NONE_THERE} What the tool told of its scores did not end.`,
  },
  AccessTokenExpired: {
    student: BUSY,
    administrator:
      'Nothing is to be done, unless it lasts: then check the keys of the tool’s registration, and the clock of the LMS.',
  },
  PlatformRateLimited: {
    student: BUSY,
    administrator:
      'Nothing is to be done: the LMS asked for fewer calls, and gets them. A higher limit lets grades come sooner.',
  },
  PlatformUnavailable: {
    student: BUSY,
    administrator: 'Check that the LMS is up and can be reached from outside.',
  },
  LtiaasUnavailable: {
    student: BUSY,
    administrator: `${NONE_THERE} The calls do not get as far as the LMS.`,
  },
  PlatformNotRegistered: {
    student: CONNECTION,
    administrator: 'Check with the vendor that the registration of the tool is complete and active on both sides.',
  },
  PlatformKeyRejected: {
    student: CONNECTION,
    administrator: 'Enable the registration of the tool (in Canvas: its developer key) and check its client id.',
  },
  RefusedByDatabase: {
    student: ASK_STAFF,
    administrator: `${NONE_THERE} The vendor of the tool has to look at its database.`,
  },
  ServiceInactive: {
    student: CONNECTION,
    administrator: `${NONE_THERE} The vendor’s account does not include the service.`,
  },
  ApiKeyRejected: {
    student: CONNECTION,
    administrator: `${NONE_THERE} The fault lies with the vendor of the tool.`,
  },
};

/** Of a type that a newer release stored, nothing more is known. */
export function wordsOfFailure(type: string): FailureWords {
  if (isFailureType(type)) return failureWords[type];
  return { student: ASK_STAFF, administrator: `Look in the log of the LMS: the reason is named ${type}.` };
}
