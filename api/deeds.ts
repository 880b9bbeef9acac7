/**
 * What each route that changes something leaves behind: the action under which the audit trail has it, or why it has no entry
 * and where its origin is kept instead. A route that is not named here stops the start. Actions are stored: none is changed.
 */
export type Deed =
  | {
      /** A noun and what is done to it; an entry may say more behind another point: `scores.decide.keep`. */
      action: string;
    }
  | { exempt: string };

const LOOKS = 'Changes nothing.';

export const DEEDS: Readonly<Record<string, Deed>> = {
  'POST /v1/launches': {
    exempt: 'Comes with every launch. The key it brings has whose API key and request brought it.',
  },
  'POST /v1/scores': { exempt: 'Comes with every grade. Each revision has its API key and request (score_revisions).' },
  'POST /v1/webhooks/:source': { exempt: 'Signed by its source. The event is kept, and its revisions name it.' },
  'PUT /v1/references/:source/:reference': {
    exempt: 'Comes with every submission. The reference has whose API key and request tied it last.',
  },
  'DELETE /v1/references/:source/:reference': { action: 'references.delete' },
  'POST /v1/service-keys': { action: 'service-keys.import' },
  'DELETE /v1/service-keys/:id': { action: 'service-keys.delete' },
  'POST /v1/service-keys/:id/check': { action: 'service-keys.check' },
  'POST /v1/explain': { exempt: LOOKS },
  'POST /v1/scores/retry': { action: 'scores.retry' },
  'POST /v1/scores/:id/withdraw': { action: 'scores.withdraw' },
  'POST /v1/scores/:id/decide': { action: 'scores.decide' },
  'POST /v1/syncs': { action: 'syncs.start' },
  'POST /v1/bulk-operations/:id/cancel': { action: 'bulk-operations.cancel' },
  'POST /v1/contexts/:id/roster-refresh': { action: 'contexts.roster-refresh' },
  'POST /v1/contexts/:id/reconcile': { action: 'contexts.reconcile' },
  'POST /v1/contexts/:id/pause': { action: 'contexts.pause' },
  'POST /v1/contexts/:id/resume': { action: 'contexts.resume' },
  'PUT /v1/contexts/:id/grade-policy': { action: 'contexts.grade-policy' },
  'PUT /v1/line-items/:id/grade-policy': { action: 'line-items.grade-policy' },
  'POST /v1/line-items/:id/resume': { action: 'line-items.resume' },
  'PATCH /v1/platforms/:id': { action: 'platforms.change' },
  'POST /v1/platforms/:id/pause': { action: 'platforms.pause' },
  'POST /v1/platforms/:id/resume': { action: 'platforms.resume' },
  'POST /v1/platforms/:id/roster-refresh': { action: 'platforms.roster-refresh' },
  'POST /v1/platforms/:id/forget-keys': { action: 'platforms.forget-keys' },
  'POST /v1/deployments/:id/pause': { action: 'deployments.pause' },
  'POST /v1/deployments/:id/resume': { action: 'deployments.resume' },
  'PUT /v1/schedules/:name': { action: 'schedules.change' },
  'PATCH /v1/schedules/:name': { action: 'schedules.change' },
  'POST /v1/schedules/:name/trigger': { action: 'schedules.trigger' },
  'POST /v1/schedules/:name/pause': { action: 'schedules.pause' },
  'POST /v1/schedules/:name/unpause': { action: 'schedules.unpause' },
  'POST /v1/api-keys': { action: 'api-keys.create' },
  'POST /v1/api-keys/:id/rotate': { action: 'api-keys.rotate' },
  'DELETE /v1/api-keys/:id': { action: 'api-keys.revoke' },
  'POST /v1/people/export': { action: 'people.export' },
  'POST /v1/people/erase': { action: 'people.erase' },
  'POST /v1/people/readmit': { action: 'people.readmit' },
  'DELETE /v1/console-sessions/:id': { action: 'console-sessions.end' },
  'POST /v1/webhook-sources': { action: 'webhook-sources.create' },
  'PATCH /v1/webhook-sources/:source': { action: 'webhook-sources.change' },
  'DELETE /v1/webhook-sources/:source': { action: 'webhook-sources.delete' },
  'POST /v1/webhook-sources/:source/dry-run': { exempt: LOOKS },
  'POST /v1/webhook-sources/:source/secrets': { action: 'webhook-sources.secrets.add' },
  'DELETE /v1/webhook-sources/:source/secrets/:secret': { action: 'webhook-sources.secrets.delete' },
  'POST /v1/webhook-events/:id/replay': { action: 'webhook-events.replay' },
  'POST /v1/webhook-events/replay': { action: 'webhook-events.replay' },
  'POST /v1/notices': { action: 'notices.create' },
  'PATCH /v1/notices/:id': { action: 'notices.change' },
  'DELETE /v1/notices/:id': { action: 'notices.delete' },
  'POST /v1/notices/:id/rotate-secret': { action: 'notices.rotate-secret' },
  'POST /v1/notice-deliveries/:id/resend': { action: 'notice-deliveries.resend' },
  'POST /v1/backfills': { action: 'backfills.start' },
  'POST /v1/backfills/:id/approve': { action: 'backfills.approve' },
  'POST /v1/backfills/:id/pause': { action: 'backfills.pause' },
  'POST /v1/backfills/:id/resume': { action: 'backfills.resume' },
  'POST /v1/backfills/:id/cancel': { action: 'backfills.cancel' },
  'POST /v1/backfills/:id/undo': { action: 'backfills.undo' },
  'POST /console/sign-in': { action: 'console-sessions.open' },
  'POST /console/sign-out': { action: 'console-sessions.close' },
};
