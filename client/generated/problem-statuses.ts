/** Written from /openapi.json by test/client/generated.test.ts, which says how: not to be changed by hand. */
/** The status of each type of problem. */
export interface ProblemStatuses {
  /** The body is not JSON. */
  'urn:passback:problem:malformed-json': 400;

  /** This line is not a JSON object. */
  'urn:passback:problem:malformed-line': 400;

  /** This line is longer than one megabyte. */
  'urn:passback:problem:line-too-long': 400;

  /** The request is not as this operation needs it. */
  'urn:passback:problem:invalid-request': 400;

  /** This score cannot be taken as it is. */
  'urn:passback:problem:invalid-score': 422;

  /** There is no scoreGiven. */
  'urn:passback:problem:score-given-missing': 422;

  /** This would take away a grade. */
  'urn:passback:problem:would-clear-grade': 422;

  /** No such platform is known. */
  'urn:passback:problem:unknown-platform': 422;

  /** No such deployment of the platform is known. */
  'urn:passback:problem:unknown-deployment': 422;

  /** The platform has several deployments with this context. */
  'urn:passback:problem:ambiguous-deployment': 422;

  /** No launch from this context has been recorded. */
  'urn:passback:problem:unknown-context': 422;

  /** This person was erased. */
  'urn:passback:problem:person-erased': 422;

  /** LTIAAS did not accept the ltik. */
  'urn:passback:problem:ltik-rejected': 422;

  /** The id token cannot be used. */
  'urn:passback:problem:invalid-id-token': 422;

  /** The launch belongs to no context. */
  'urn:passback:problem:launch-without-context': 422;

  /** This launch does not allow grades to be sent. */
  'urn:passback:problem:no-grade-service': 200;

  /** There is no service key. */
  'urn:passback:problem:no-service-key': 422;

  /** The stored service key cannot be read. */
  'urn:passback:problem:service-key-unreadable': 422;

  /** The Idempotency-Key belongs to a different request. */
  'urn:passback:problem:idempotency-key-reused': 422;

  /** The schedule cannot have this time. */
  'urn:passback:problem:invalid-schedule': 422;

  /** Nothing is to be decided on this score. */
  'urn:passback:problem:score-not-held': 409;

  /** Somebody paused it. */
  'urn:passback:problem:paused': 409;

  /** The score does not wait to be sent. */
  'urn:passback:problem:score-not-due': 409;

  /** A request with this Idempotency-Key is under way. */
  'urn:passback:problem:idempotency-in-progress': 409;

  /** This was carried out; its answer held a secret, and is not kept. */
  'urn:passback:problem:idempotent-answer-not-kept': 409;

  /** This webhook source would not work as it is. */
  'urn:passback:problem:invalid-webhook-source': 422;

  /** There is a webhook source of this name. */
  'urn:passback:problem:webhook-source-exists': 409;

  /** The event can no longer be replayed. */
  'urn:passback:problem:event-body-gone': 409;

  /** A webhook source keeps one secret at least. */
  'urn:passback:problem:last-secret': 409;

  /** This endpoint for notices would not work as it is. */
  'urn:passback:problem:invalid-notice-endpoint': 422;

  /** The signature is not that of this webhook source. */
  'urn:passback:problem:signature-refused': 401;

  /** The file cannot be read. */
  'urn:passback:problem:invalid-file': 422;

  /** Another backfill works on some of the same scores. */
  'urn:passback:problem:backfill-overlaps': 409;

  /** The backfill is not in a state for this. */
  'urn:passback:problem:backfill-not-ready': 409;

  /** The operation has ended already. */
  'urn:passback:problem:bulk-operation-ended': 409;

  /** The configuration says this, and the API cannot change it. */
  'urn:passback:problem:configured-elsewhere': 409;

  /** A backfill of this size is approved by somebody else. */
  'urn:passback:problem:approval-by-author': 403;

  /** A valid API key is needed. */
  'urn:passback:problem:unauthorized': 401;

  /** The API key does not allow this. */
  'urn:passback:problem:forbidden': 403;

  /** There is nothing here. */
  'urn:passback:problem:not-found': 404;

  /** This path does not take this method. */
  'urn:passback:problem:method-not-allowed': 405;

  /** The body did not come in time. */
  'urn:passback:problem:body-too-slow': 408;

  /** Address and headers are too large. */
  'urn:passback:problem:head-too-large': 431;

  /** The request came too slowly. */
  'urn:passback:problem:head-too-slow': 408;

  /** The body is too large. */
  'urn:passback:problem:body-too-large': 413;

  /** The body has a type that is not taken here. */
  'urn:passback:problem:unsupported-media-type': 415;

  /** Too many requests with this API key. */
  'urn:passback:problem:too-many-requests': 429;

  /** Too many streams are being read. */
  'urn:passback:problem:too-many-streams': 429;

  /** Something went wrong on our side. */
  'urn:passback:problem:internal-error': 500;

  /** LTIAAS cannot be reached. */
  'urn:passback:problem:ltiaas-unavailable': 503;

  /** There is no room on disk for what waits. */
  'urn:passback:problem:spool-full': 503;

  /** The database cannot be reached. */
  'urn:passback:problem:database-unavailable': 503;

  /** What is stored encrypted cannot be decrypted. */
  'urn:passback:problem:secrets-unreadable': 503;

  /** This process is being stopped. */
  'urn:passback:problem:stopping': 503;

  /** Temporal cannot be reached. */
  'urn:passback:problem:temporal-unavailable': 503;
}
