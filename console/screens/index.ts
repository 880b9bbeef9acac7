import type { Screen } from '../screen.js';
import { auditScreen } from './audit.js';
import { courseScreen } from './course.js';
import { courseListScreen } from './courses.js';
import { findScreen } from './find.js';
import { keyScreen } from './keys.js';
import { overviewScreen } from './overview.js';
import { personScreen } from './person.js';
import { rosterScreen } from './roster.js';
import { runScreen } from './runs.js';
import { scoreScreen } from './score.js';
import { scoreListScreen } from './scores.js';
import { sessionScreen } from './sessions.js';

/** All of them, in the order of the navigation. */
export const SCREENS: readonly Screen[] = [
  overviewScreen,
  scoreListScreen,
  scoreScreen,
  personScreen,
  courseListScreen,
  courseScreen,
  rosterScreen,
  runScreen,
  findScreen,
  sessionScreen,
  keyScreen,
  auditScreen,
];
