import type { FamilyName } from '../schemas/setup.js';
import { blackboard } from './blackboard.js';
import { d2l } from './d2l.js';
import { canvas } from './canvas.js';
import type { Family } from './family.js';
import { moodle } from './moodle.js';
import { openedx } from './openedx.js';

/** Every LMS product that the sandbox can be. */
export const families: Readonly<Record<FamilyName, Family>> = { canvas, moodle, blackboard, d2l, openedx };
