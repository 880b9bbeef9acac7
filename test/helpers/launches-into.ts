import assert from 'node:assert/strict';
import { readIdToken } from '../../ltiaas/payloads.js';
import type { TestApi } from './app.js';

/** From now on LTIAAS answers for any ltik that it was a launch into this course of the platform `lms`. */
export function launchesInto(api: TestApi, contextId: string, deploymentId = 'd1'): void {
  const token = readIdToken({
    platform: { id: 'lms', deploymentId },
    launch: { context: { id: contextId } },
    services: { assignmentAndGrades: { available: true }, serviceKey: 'key' },
  });
  assert.ok(token.ok);
  api.ltiaas.getIdToken = async () => token.value;
}
