/* eslint-disable max-lines -- one table: a second file would be nothing but its overflow */
import type { FailureFacts, FailureRadius } from './failure-facts.js';
import { scoreSourceFailures } from './score-source-failures.js';

type Flags = Omit<FailureFacts, 'sentence' | 'advice'>;

const permanent = (radius: FailureRadius): Flags => ({ radius, retryable: false });
const passing = (radius: FailureRadius): Flags => ({ radius, retryable: true });
const uncertain = (): Flags => ({ radius: 'student', retryable: true, outcomeUnknown: true });
const parked = (radius: FailureRadius): Flags => ({ radius, retryable: false, parks: true });
const parkedByKey = (): Flags => ({ radius: 'context', retryable: false, parks: true, keyRelated: true });

/** Every kind of failure, smallest radius first. Names are stored and shown by the API: add, never rename. */
export const failureCatalogue = {
  ScoreRejected: {
    ...permanent('student'),
    sentence: 'The LMS refused this score.',
    advice: 'Read what the LMS said, correct the score and send it again.',
  },
  MemberNotInContext: {
    ...permanent('student'),
    sentence: 'The LMS does not know this person as a student of the course.',
    advice: 'Check the enrolment; the score is sent again when the roster or a new launch shows the student.',
  },
  ScoreOrMemberRefused: {
    ...permanent('student'),
    sentence: 'The LMS refused this score with one answer for all causes: most often the person is not enrolled.',
    advice: 'Check that the person is enrolled with a gradable role, then the score itself, and retry.',
  },
  MemberNotGradable: {
    ...permanent('student'),
    sentence: 'The person is in the course, with a role that the LMS does not grade.',
    advice: 'Ask the LMS administrator to let this role be graded, then retry.',
  },
  MemberLeft: {
    ...permanent('student'),
    sentence:
      'By the roster this person is no longer an active member of the course, so the score is kept and not sent.',
    advice: 'Nothing: it is sent when the roster shows the person again. Or decide to send it all the same.',
  },
  MemberHasNoGrades: {
    ...permanent('student'),
    sentence: 'By the roster this is a test user or an observer, who has no grades, so the score is kept and not sent.',
    advice: 'Nothing: it is sent if the role changes. Or decide to send it all the same.',
  },
  AttemptsUsedUp: {
    ...permanent('student'),
    sentence: 'The student has used all attempts that the assignment allows.',
    advice: 'Allow more attempts in the LMS, or send the score as a re-grade that makes no new attempt.',
  },
  SubmittedAtInFuture: {
    ...passing('student'),
    sentence: 'The submission time lies in the future by the clock of the LMS.',
    advice: 'Nothing, if the clocks differ a little; else check the clock of the tool.',
  },
  TimestampConflict: {
    ...uncertain(),
    sentence: 'The LMS already holds a score of the same or a later time for this student.',
    advice: 'Nothing: the result is read back, and the score sent again if it differs.',
  },
  OutcomeUnknown: {
    ...uncertain(),
    sentence: 'The call went out and no usable answer came back, so the LMS may or may not hold the score.',
    advice: 'Nothing: the result is read back before the score is sent again.',
  },
  CallNotBegun: {
    ...passing('student'),
    sentence: 'The call was given up before anything was sent.',
    advice: 'Nothing: the score is sent with the next batch.',
  },
  PlatformFailed: {
    ...passing('student'),
    sentence: 'The LMS answered with an internal error.',
    advice: 'Nothing at first; if it lasts for one student only, check that the LMS knows this student.',
  },
  ScoreKeepsFailing: {
    ...permanent('student'),
    sentence: 'The LMS fails on every try of this score while it takes others of the same column.',
    advice: 'Check that the LMS knows this student, then retry the score.',
  },
  HumanGradeStands: {
    ...permanent('student'),
    sentence: 'A person changed this grade in the LMS, and the course lets such changes stand.',
    advice: 'Nothing, or decide to send the score all the same.',
  },
  HumanGradeUndecided: {
    ...permanent('student'),
    sentence: 'A person changed this grade in the LMS, and the course asks before such changes are replaced.',
    advice: 'Decide whether the score is sent or the change kept.',
  },
  GradeStands: {
    ...permanent('student'),
    sentence: 'A grade stands in the LMS, which this score without a final grade would take away.',
    advice: 'Nothing, or decide to send it all the same.',
  },
  HumanGradeKept: {
    ...permanent('student'),
    sentence: 'An operator decided that the grade which a person gave in the LMS is kept.',
    advice: 'Nothing; a later change of the score is judged anew.',
  },
  BackfillWithdrawn: {
    ...permanent('student'),
    sentence: 'The backfill that brought this score was stopped before the LMS had taken it.',
    advice: 'Nothing, or hand the score in again.',
  },
  ScoreWithdrawn: {
    ...permanent('student'),
    sentence: 'Somebody withdrew this score before it was sent; the gradebook keeps what it has.',
    advice: 'Nothing: a later, other score goes out as usual. Retry it by its id to send this one after all.',
  },
  OutcomeNotStored: {
    ...permanent('student'),
    sentence: 'The score was called for, and our own database refused to store what came of it.',
    advice: 'Look for the refusal in the log of the worker, and whether the gradebook shows the score; then retry it.',
  },
  RequestMalformed: {
    ...permanent('student'),
    sentence: 'LTIAAS or the LMS could not use the request as it was written.',
    advice: 'Read the answer kept with the attempt; this is most likely a fault of Passback.',
  },
  LaunchTokenRejected: {
    ...permanent('student'),
    sentence: 'LTIAAS refused the ltik of this launch, or the API key that came with it.',
    advice: 'Send the ltik within 24 hours of its launch; if all are refused, check LTIAAS_API_KEY.',
  },
  UnknownAnswer: {
    ...passing('student'),
    sentence: 'The LMS gave an answer that is not in our table.',
    advice: 'Read the answer kept with the attempt; it is tried again, with growing pauses.',
  },
  LineItemNotFound: {
    ...parked('lineItem'),
    sentence: 'The gradebook column no longer exists in the LMS.',
    advice: 'Launch the activity again, or name another column; its scores wait meanwhile.',
  },
  LineItemUnpublished: {
    ...parked('lineItem'),
    sentence: 'The assignment is not published, so the LMS takes no scores for it.',
    advice: 'Ask the teacher to publish the assignment; the next sync tries again.',
  },
  LineItemNotOwned: {
    ...parked('lineItem'),
    sentence: 'The gradebook column does not belong to this tool.',
    advice: 'Use a column that the tool made, or launch the activity that the column belongs to.',
  },
  LineItemAmbiguous: {
    ...parked('lineItem'),
    sentence: 'Several gradebook columns fit, and none is certain to be the right one.',
    advice: 'Name the column by its id, or remove the duplicates in the LMS.',
  },
  LineItemNotStored: {
    ...parked('lineItem'),
    sentence: 'The LMS has this gradebook column, and our own database refused to store it.',
    advice: 'Look for the refusal in the log of the worker; when its cause is gone, retry the column.',
  },
  LineItemRejected: {
    ...parked('lineItem'),
    sentence: 'The LMS refused to make this gradebook column.',
    advice: 'Check label, maximum (Open edX takes whole numbers only) and resource link, then retry.',
  },
  LineItemCreationNotAllowed: {
    ...parked('lineItem'),
    sentence: 'The LMS does not let this tool make gradebook columns.',
    advice: 'Let the tool manage columns in the LMS settings, or name a column that exists, then launch again.',
  },
  NoMemberAccepted: {
    ...parked('lineItem'),
    sentence: 'The LMS knows none of the students of this column; the course is probably unpublished.',
    advice: 'Ask the teacher to publish the course, then retry the column.',
  },
  EveryScoreRefused: {
    ...parked('lineItem'),
    sentence: 'The LMS refuses every score of this column in the same way.',
    advice: 'Look at one attempt to see what the LMS said, correct the cause and retry the column.',
  },
  ContextConcluded: {
    ...parked('context'),
    sentence: 'The course has ended or is outside its dates, so its gradebook is closed.',
    advice: 'Reopen the course in the LMS; a new launch resumes it, or a probe after an hour, later once a week.',
  },
  ContextNotFound: {
    ...parked('context'),
    sentence: 'The LMS no longer has this course.',
    advice: 'Nothing, if the course was deleted; else launch an activity of it again.',
  },
  ToolRemoved: {
    ...parked('context'),
    sentence: 'The tool has been removed from this course.',
    advice: 'Add the tool to the course again and launch an activity.',
  },
  ServiceKeyMissing: {
    ...parkedByKey(),
    sentence: 'No service key is known for this course.',
    advice: 'Ask someone to launch an activity of the course.',
  },
  ServiceKeyRejected: {
    ...parkedByKey(),
    sentence: 'LTIAAS no longer accepts the service key of this course.',
    advice: 'Ask someone to launch an activity of the course again.',
  },
  ServiceKeyUnreadable: {
    ...parkedByKey(),
    sentence: 'A service key of this course is stored and cannot be decrypted.',
    advice:
      'See health for what ENCRYPTION_KEYS lacks; if nothing, its row was altered, and a new launch brings another key.',
  },
  ServiceNotAvailable: {
    ...parkedByKey(),
    sentence: 'The LMS does not offer this service to the tool in this course.',
    advice: 'Allow grades and roster for the tool in the LMS, then launch an activity again.',
  },
  ScopeMissing: {
    ...parkedByKey(),
    sentence: 'The LMS did not grant the tool the right that this call needs.',
    advice: 'Grant the scope to the tool in the LMS, then launch an activity again.',
  },
  RosterTooLarge: {
    ...permanent('context'),
    sentence: 'The course has more members than the LMS is willing to list.',
    advice: 'Ask the LMS administrator to raise the limit; scores are sent without a roster.',
  },
  ResourceLinkNotFound: {
    ...permanent('context'),
    sentence: 'The LMS does not know this resource link, or does not let the tool use it.',
    advice: 'Nothing for rosters: that of the whole course is read instead. For a column, launch the activity again.',
  },
  UnreadableAnswer: {
    ...passing('context'),
    sentence: 'The answer could not be read: not JSON, or far too large.',
    advice: 'Nothing at first; if it lasts, look for a proxy or a login page between Passback and LTIAAS.',
  },
  PageElsewhere: {
    ...passing('context'),
    sentence: 'The LMS named a further page of its list at an address that is not its own, which was not followed.',
    advice: 'Ask the administrators of the LMS at which address its lists are; nothing was taken of this one.',
  },
  RefusedByDatabase: {
    ...permanent('context'),
    sentence: 'Our own database refused for good what was to be stored.',
    advice: 'Look for the SQLSTATE in the log of the worker; when its cause is gone, ask for the same again.',
  },
  ...scoreSourceFailures,
  AccessTokenExpired: {
    ...passing('platform'),
    sentence: 'The access token of LTIAAS for this LMS had run out or was not accepted.',
    advice: 'Nothing: the call is repeated with a new token.',
  },
  PlatformRateLimited: {
    ...passing('platform'),
    sentence: 'The LMS asks for fewer calls.',
    advice: 'Nothing: calls are slowed down and go on by themselves.',
  },
  PlatformUnavailable: {
    ...passing('platform'),
    sentence: 'The LMS cannot be reached or is down.',
    advice: 'Nothing: calls resume when the LMS answers again.',
  },
  LtiaasUnavailable: {
    ...passing('platform'),
    sentence: 'LTIAAS cannot be reached, or something before it refuses the call.',
    advice: 'Check LTIAAS_URL, the network and the status of LTIAAS; calls resume by themselves.',
  },
  PlatformNotRegistered: {
    ...parked('platform'),
    sentence: 'The LMS is not registered in LTIAAS, or its registration is not active.',
    advice: 'Activate the platform in the LTIAAS portal, then resume it.',
  },
  PlatformKeyRejected: {
    ...parked('platform'),
    sentence: "The LMS refuses the tool's registration (its client id or developer key).",
    advice: 'Ask the LMS administrator to enable the developer key, then resume the platform.',
  },
  ServiceInactive: {
    ...parked('platform'),
    sentence: 'The LTIAAS account does not include this service.',
    advice: 'Add the service to the LTIAAS plan, then resume the platform.',
  },
  ApiKeyRejected: {
    ...parked('platform'),
    sentence: 'LTIAAS does not accept our API key.',
    advice: 'Correct LTIAAS_API_KEY, restart, then resume the platform.',
  },
} as const satisfies Record<string, FailureFacts>;
