export { createClient, type Client, type Methods, type OperationId } from './client.js';
export type { CallOptions, ClientOptions } from './caller.js';
export type { StreamOptions } from './stream-scores.js';
export { isProblem, NoAnswerError, ProblemError, type Problem, type ProblemType } from './problem.js';
export { csv, ndjson, ndjsonFile, rawJson, type Upload } from './upload.js';
export {
  createNoticeVerifier,
  createWebhookVerifier,
  signWebhook,
  WebhookRefusedError,
  type IncomingHeaders,
  type NoticeMessage,
  type VerifiedWebhook,
  type Verifier,
  type VerifierOptions,
  type WebhookFault,
  type WebhookHeaders,
} from './webhooks.js';
export type { Calls } from './generated/calls.js';
export type * from './generated/schemas.js';
