/**
 * Webhook source: a service outside that tells us of grades by calling us. What it sends is an *event*; what the event
 * says of a student is found by the source's mapping.
 */
import { isPointer, isWithin } from './json-pointer.js';

export const TIME_FORMATS = ['iso8601', 'unixSeconds', 'unixMilliseconds'] as const;
export type TimeFormat = (typeof TIME_FORMATS)[number];

/** https://www.standardwebhooks.com: `webhook-id`, `webhook-timestamp` and `webhook-signature`, all of them signed. */
export interface StandardWebhooks {
  scheme: 'standardWebhooks';
  toleranceSeconds?: number;
}

/** HMAC-SHA256 in a header, as most services do it. */
export interface HmacSha256 {
  scheme: 'hmacSha256';
  header: string;
  encoding: 'hex' | 'base64';
  /** Stands before the signature, such as `sha256=`. */
  prefix?: string;
  /** The header is a list such as `t=1,v1=abc`, and these of its names hold signature and timestamp. */
  parameters?: { signature: string; timestamp?: string };
  /** A header of its own for the time of sending. */
  timestampHeader?: string;
  timestampFormat?: TimeFormat;
  /** What is signed: `{body}`, and `{timestamp}` as it was sent. Default `{body}`. */
  signedContent?: string;
  /** How the secret's bytes are written. Default `utf8`. */
  secretEncoding?: 'utf8' | 'base64' | 'hex';
  toleranceSeconds?: number;
}

export type Verification = StandardWebhooks | HmacSha256;

/** A JSON pointer into the event, or a value that is the same for all. */
export type Fact = string | { value: string | number };

/** Where in an event the facts are. */
export interface EventMapping {
  /**
   * Where a body has a list of events; '' where it is one. All other pointers are of a body that has one of the entries in
   * the place of this list.
   */
  events?: string;
  /** What tells a repetition from a new event. Default: `webhook-id` of Standard Webhooks, else the whole body. */
  eventId?: string | { header: string };
  /** Events of other types are ignored. */
  type?: { pointer: string; in: readonly string[] };
  /** An id that was tied to student and column by `PUT /v1/references`. */
  reference?: Fact;
  platform?: Fact;
  deployment?: Fact;
  context?: Fact;
  student?: Fact;
  column?: { id?: Fact; resourceLinkId?: Fact; resourceId?: Fact; tag?: Fact; label?: Fact; scoreMaximum?: Fact };
  /** Points given; or, in its place, a percentage. */
  score?: Fact;
  percentage?: Fact;
  maximum?: Fact;
  comment?: Fact;
  /** When the grade changed, which is what decides between two. Default: when the event came. */
  time?: Fact;
  timeFormat?: TimeFormat;
}

export interface SourceLimits {
  /** Bytes of one event. */
  maxBodyBytes: number;
  /** Per API process; null: any number. */
  eventsPerMinute: number | null;
  /** How long an event without its reference, course or student is kept. */
  expireDays: number;
  /** How long the body of an event that came to its end is kept for a replay; 0: not at all. */
  keepBodiesDays: number;
}

export const DEFAULT_SOURCE_LIMITS: SourceLimits = {
  maxBodyBytes: 262_144,
  eventsPerMinute: null,
  expireDays: 14,
  keepBodiesDays: 3,
};

/** An event's id is known for so long, so that a repetition does nothing. */
export const DEDUPE_DAYS = 30;

/** How old a timestamp may be, or how far ahead, where the source does not say. */
export const DEFAULT_TOLERANCE_SECONDS = 300;

/**
 * How long a signature that was taken is remembered, in milliseconds, so that what was signed once is taken once; Infinity: as
 * long as the secret that made it. 0 where the signature itself ends with time, and covers the id that tells a repetition.
 */
export function signatureMemoryMs({
  verification,
  mapping,
}: {
  verification: Verification;
  mapping: EventMapping;
}): number {
  if (!hasSignedTimestamp(verification)) return Number.POSITIVE_INFINITY;
  if (verification.scheme === 'standardWebhooks' || typeof mapping.eventId !== 'object') return 0;
  // A timestamp may lie ahead by as much as it may lie behind.
  return 2_000 * (verification.toleranceSeconds ?? DEFAULT_TOLERANCE_SECONDS);
}

export interface SourceFault {
  pointer: string;
  detail: string;
}

/** What is wrong with a source as an operator configured it, beyond the shape of its parts. */
export function findSourceFaults({
  verification,
  mapping,
}: {
  verification: Verification;
  mapping: EventMapping;
}): SourceFault[] {
  return [
    ...faultsOfVerification(verification),
    ...faultsOfMapping(mapping),
    ...faultsOfEventId(verification, mapping),
  ];
}

function faultsOfVerification(verification: Verification): SourceFault[] {
  if (verification.scheme === 'standardWebhooks') return [];
  const { parameters, timestampHeader, signedContent = '{body}' } = verification;
  const hasTimestamp = timestampHeader !== undefined || parameters?.timestamp !== undefined;
  const isSigned = signedContent.includes('{timestamp}');
  const pointer = '/verification/signedContent';
  return faults([
    [signedContent.split('{body}').length !== 2, pointer, 'signedContent needs {body}, once.'],
    [hasTimestamp && !isSigned, pointer, 'A timestamp that is not signed proves nothing: put {timestamp} into it.'],
    [!hasTimestamp && isSigned, pointer, 'Say where the timestamp is: timestampHeader, or parameters.timestamp.'],
    [
      timestampHeader !== undefined && parameters?.timestamp !== undefined,
      '/verification/timestampHeader',
      'The timestamp is in a header of its own or among the parameters, not both.',
    ],
  ]);
}

function faultsOfMapping(mapping: EventMapping): SourceFault[] {
  const { reference, context, platform, student, column, score, percentage, maximum, type, eventId, events } = mapping;
  const pointers = [
    ...Object.entries({ ...mapping, column: undefined, type: type?.pointer, timeFormat: undefined }),
    ...Object.entries(column ?? {}).map(([name, fact]) => [`column/${name}`, fact] as const),
  ];
  const names = [column?.id, column?.resourceLinkId, column?.resourceId].filter((name) => name !== undefined);
  const byReference = reference !== undefined;
  return [
    ...pointers
      .filter(([, fact]) => typeof fact === 'string' && !isPointer(fact))
      .map(([name]) => ({ pointer: `/mapping/${name}`, detail: `${name} is no JSON pointer (RFC 6901).` })),
    ...faults([
      [(score === undefined) === (percentage === undefined), '/mapping/score', 'Map either score or percentage.'],
      [score !== undefined && maximum === undefined, '/mapping/maximum', 'A score needs its maximum.'],
      [
        !byReference && (platform === undefined || context === undefined || student === undefined),
        '/mapping/reference',
        'Map platform, context and student, or a reference.',
      ],
      [!byReference && names.length !== 1, '/mapping/column', 'Name the column in exactly one way.'],
      [byReference && column !== undefined, '/mapping/column', 'The reference says which column is meant.'],
      [
        column?.resourceId !== undefined && (column.label === undefined || column.scoreMaximum === undefined),
        '/mapping/column',
        'A column by resourceId needs a label and a scoreMaximum, to be made where there is none.',
      ],
      [
        events !== undefined &&
          ![reference, student].some((fact) => typeof fact === 'string' && isWithin(fact, events)),
        '/mapping/events',
        `One entry stands in the place of the list: reference or student must begin with "${events ?? ''}/".`,
      ],
      [eventId === '', '/mapping/eventId', 'The whole body is the default: leave eventId out.'],
    ]),
  ];
}

/** Whoever has caught one request could send it again under another id, if nothing that is signed tells its age. */
function faultsOfEventId(verification: Verification, { eventId, time }: EventMapping): SourceFault[] {
  const isUnsigned = typeof eventId === 'object' && verification.scheme === 'hmacSha256';
  const detail = 'An id in a header is not signed. Map the time of the grade, or have the time of sending signed.';
  return faults([
    [isUnsigned && !hasSignedTimestamp(verification) && typeof time !== 'string', '/mapping/time', detail],
  ]);
}

function hasSignedTimestamp(verification: Verification): boolean {
  return verification.scheme === 'standardWebhooks' || (verification.signedContent ?? '').includes('{timestamp}');
}

function faults(checks: readonly (readonly [boolean, string, string])[]): SourceFault[] {
  return checks.flatMap(([isWrong, pointer, detail]) => (isWrong ? [{ pointer, detail }] : []));
}
