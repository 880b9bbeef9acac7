/** Why a line of a backfill is not carried out, in words. Names are stored: add, never rename. */
export const BACKFILL_REASONS: Readonly<Record<string, string>> = {
  unknownPlatform: 'No launch from this platform has been recorded.',
  unknownDeployment: 'No launch from this deployment has been recorded.',
  ambiguousDeployment: 'The platform has several deployments: name one.',
  unknownContext: 'No launch from this course has been recorded.',
  unknownColumn: 'No such column is known; to have it made, give its label and maximum.',
  scoreMaximumMissing: 'No score of this student is held, so the line must say scoreMaximum.',
  wouldClear: 'An LMS would blank the grade for this gradingProgress.',
  sameCellTwice: 'Another line gives the same student another score in this column: neither is used.',
  newer: 'The tool has handed in something newer.',
  humanGrade: 'A person changed this grade in the LMS, and the course lets that stand.',
  parked: 'The course or the column is set aside: see why there.',
  launchNeeded: 'The course needs a launch first.',
  personErased: "The student was erased at somebody's request.",
  unknownStudent: 'The roster of the course does not have this student.',
};
