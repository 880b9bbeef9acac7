import type { Screen } from '../screen.js';
import { auditScreen } from './audit.js';
import { backfillScreen } from './backfill.js';
import { backfillListScreen } from './backfills.js';
import { bulkOperationScreen } from './bulk-operation.js';
import { columnListScreen } from './columns.js';
import { courseScreen } from './course.js';
import { courseListScreen } from './courses.js';
import { differenceListScreen } from './differences.js';
import { findScreen } from './find.js';
import { keyScreen } from './keys.js';
import { newBackfillScreen } from './new-backfill.js';
import { noticeScreen } from './notices.js';
import { overviewScreen } from './overview.js';
import { personScreen } from './person.js';
import { platformScreen } from './platform.js';
import { platformListScreen } from './platforms.js';
import { rosterScreen } from './roster.js';
import { runScreen } from './runs.js';
import { scoreScreen } from './score.js';
import { scoreListScreen } from './scores.js';
import { sessionScreen } from './sessions.js';
import { triageScreen } from './triage.js';
import { undoKeyScreen } from './undo-key.js';
import { webhookEventScreen } from './webhook-event.js';
import { webhookEventListScreen } from './webhook-events.js';
import { webhookSourceScreen } from './webhook-sources.js';

/** All of them, in the order of the navigation. */
export const SCREENS: readonly Screen[] = [
  overviewScreen,
  triageScreen,
  bulkOperationScreen,
  scoreListScreen,
  scoreScreen,
  personScreen,
  courseListScreen,
  courseScreen,
  rosterScreen,
  columnListScreen,
  differenceListScreen,
  platformListScreen,
  platformScreen,
  runScreen,
  backfillListScreen,
  newBackfillScreen,
  undoKeyScreen,
  backfillScreen,
  webhookEventListScreen,
  webhookEventScreen,
  webhookSourceScreen,
  findScreen,
  noticeScreen,
  sessionScreen,
  keyScreen,
  auditScreen,
];
