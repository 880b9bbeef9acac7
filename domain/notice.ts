/**
 * Notice: what Passback tells an endpoint outside by itself. What needs attention comes in pairs, with what recovered; what
 * became of scores comes once, and rejected ones also summed up. None holds a name, a score or a student's id.
 */

/** What lasts, and is told of when it begins and when it is over. */
export const INCIDENT_KINDS = [
  'launchNeeded',
  'contextParked',
  'lineItemParked',
  'breakerOpen',
  'nightIncomplete',
  'backfillUnapproved',
  'endpointDisabled',
] as const;

/** All that an endpoint may want. Stored, and read by those who receive them: add, never rename. */
export const NOTICE_KINDS = [...INCIDENT_KINDS, 'scoresRejected', 'scoreOutcome'] as const;

export type IncidentKind = (typeof INCIDENT_KINDS)[number];
export type NoticeKind = (typeof NOTICE_KINDS)[number];

export const NOTICE_FORMATS = ['standard-webhooks', 'slack'] as const;
export type NoticeFormat = (typeof NOTICE_FORMATS)[number];

/** `told`: it has no counterpart. */
export const NOTICE_STATUSES = ['needsAttention', 'recovered', 'told'] as const;
export type NoticeStatus = (typeof NOTICE_STATUSES)[number];

/** What one message holds: notices of one type only. */
export const DELIVERY_TYPES = ['attention', 'digest', 'outcomes'] as const;
export type DeliveryType = (typeof DELIVERY_TYPES)[number];

export const DELIVERY_STATES = ['pending', 'delivered', 'failed'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** Why a message was not taken. Stored: add, never rename. */
export const DELIVERY_FAILURES = [
  'EndpointUnreachable',
  'EndpointTooSlow',
  'EndpointRefused',
  'EndpointRedirects',
  'EndpointGone',
  'AddressNotAllowed',
  'SecretUnreadable',
] as const;
export type DeliveryFailure = (typeof DELIVERY_FAILURES)[number];

/** Who switched an endpoint off: a person, days of failure, or its own answer 410. */
export const DISABLERS = ['operator', 'failures', 'gone'] as const;
export type Disabler = (typeof DISABLERS)[number];

/** Notices of one message at most. */
export const NOTICES_PER_DELIVERY = 100;
