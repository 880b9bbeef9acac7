import type { LmsFamily } from '../../domain/platform.js';

export interface Notes {
  readonly title: string;
  /** A product family code and an address by which a launch is recognized; the tests try them. */
  readonly code?: string;
  readonly url?: string;
  /** What Passback does for this product, and for others not. */
  readonly does: readonly string[];
  /** What nobody can change from here. */
  readonly know: readonly string[];
}

/** What the failure table and the limits do not say. */
export const notes: Readonly<Record<LmsFamily, Notes>> = {
  canvas: {
    title: 'Canvas',
    code: 'canvas',
    url: 'https://school.instructure.com',
    does: [
      'A score that is sent again without a new submission says so (`new_submission: false`), so that it costs no attempt.',
      'A comment that Canvas has already is not sent again: each call would add it once more.',
      'A submission time in the future is set to now, since Canvas refuses one.',
      'Results are read in pages, which Canvas links well.',
    ],
    know: [
      'One throttling bucket serves all courses of a developer key: some eleven calls at once fill it. More than four takes an agreement with the school.',
      'Whether throttled, forbidden or without rights: all are answered by 403, and told apart by words.',
      'A score without a grade that is final would empty the cell. It is held back where a grade stands (`GradeStands`).',
      'A 0 counts in the total of the course, an empty cell does not.',
      'In an unpublished course nobody is a student (`NoMemberAccepted`).',
      'Its test student is listed like others, and gets no scores once a roster was read.',
      'Comments of a tool are shown as written by "Someone".',
    ],
  },
  moodle: {
    title: 'Moodle',
    code: 'moodle',
    url: 'https://school.example/mod/lti/token.php',
    does: [
      'Results are read in one piece: the links to further pages cannot be followed.',
      'A conflict of times is read back: the same grade is done, another one is sent again.',
    ],
    know: [
      'One answer stands for each kind of bad score and for a student who is not enrolled (`ScoreOrMemberRefused`). Look at the enrolment first.',
      'Which roles are graded, the administrator of Moodle chooses.',
      'A score without a comment clears the feedback that is there: send the comment with every score.',
      'Tools that may only synchronize grades make no columns (`LineItemCreationNotAllowed`): "Use this service for grade sync and column management".',
    ],
  },
  blackboard: {
    title: 'Blackboard Learn',
    code: 'BlackboardLearn',
    url: 'https://school.blackboard.com',
    does: [
      'Each deployment has limits, a breaker and a sender of its own: one registration serves many institutions.',
      'Line breaks of a comment are sent as markup, or they would not be shown.',
      'Results are read for all students at once: those of a single one come without the comment.',
    ],
    know: [
      "A score without a comment clears the one that is there, a teacher's too.",
      'Only columns that the tool made, or that belong to its links, can be read and written.',
      'Name institutions by `deploymentId` in launches and scores.',
    ],
  },
  d2l: {
    title: 'D2L Brightspace',
    code: 'desire2learn',
    url: 'https://school.brightspace.com',
    does: ['Columns are made when the first score comes: links get none by themselves.'],
    know: [
      'A role is graded only with "Can be graded in Grades" (`MemberNotGradable`).',
      'A score above the maximum is cut to it, unless the item has "Can Exceed". [Reading back](rosters-and-results.md#results) shows it as `capped`.',
      'Fifty thousand credits a minute for each app are documented, at ten a call; whether LTI counts is not.',
    ],
  },
  schoology: {
    title: 'Schoology',
    code: 'schoology',
    url: 'https://app.schoology.com',
    does: ['It is treated with the care that an unknown product gets.'],
    know: [
      'Grades, rosters and deep linking are switched on for each app.',
      'Its answers and limits are published nowhere. Send us [those that you see](../CONTRIBUTING.md#what-helps-most).',
    ],
  },
  sakai: {
    title: 'Sakai',
    code: 'sakai',
    url: 'https://school.example/imsblis/lti13',
    does: ['Nearly all that goes wrong is answered by 400, and told apart by words; a token that ran out by 403.'],
    know: ['Rosters list active members alone, so a student who left is one who is missing from two rosters.'],
  },
  openedx: {
    title: 'Open edX',
    code: 'openedx',
    url: 'https://courses.edx.org',
    does: [
      'Maxima of new columns are rounded up: fractions are refused. No grade changes by that, for each score has its own maximum.',
      'An empty comment is sent where a score has none, or the one before would stay.',
      'A student whose scores fail with 500 each time while others pass is set aside alone (`ScoreKeepsFailing`): an unknown user is answered so for ever.',
      'A zero that is not shown counts as taken: older releases publish none.',
      'Results are read in one piece: a `limit` cuts them without saying so.',
    ],
    know: [
      'Launches name no product. It is recognized by its addresses; else set it: `PATCH /v1/platforms/{id}` with `{"family": "openedx", "reason": "…"}`.',
      'A column that was made without a `resourceLinkId`, or whose unit is past due, takes scores and never shows them. Name columns by `resourceLinkId`.',
      'A score above the maximum is cut to it.',
      'Scores for teachers, and for people who left, are taken; staff are listed as learners, too.',
      'Courses with more members than the server is willing to list have no roster (`RosterTooLarge`); scores go without.',
    ],
  },
  unknown: {
    title: 'Any other LMS',
    does: [
      'Words and codes of all products are understood where they come, statuses only as the standard has them.',
      'Where a product is known to you, say so: `PATCH /v1/platforms/{id}` with `family`.',
    ],
    know: ['What its answers mean beyond the standard, its first courses will show: look at _Triage_ in the console.'],
  },
};
