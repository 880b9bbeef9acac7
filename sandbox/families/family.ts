import type { Member } from '../schemas/views.js';
import type { FamilyName } from '../schemas/setup.js';
import type { LineItem, SandboxContext, SandboxPlatform } from '../state/model.js';

/** An answer of the LMS itself; a string body is sent as text, '' as nothing at all. */
export interface LmsReply {
  status: number;
  body: unknown;
}

/** A score that LTIAAS has taken and stamped with its own clock, as the LMS receives it. */
export interface ScorePost {
  lineItem: LineItem;
  userId: string;
  activityProgress: string;
  gradingProgress: string;
  scoreGiven: number | undefined;
  scoreMaximum: number | undefined;
  comment: string | undefined;
  /** The body as received, for vendor extensions. */
  body: Readonly<Record<string, unknown>>;
  nowMs: number;
}

export interface LineItemFields {
  label: string;
  scoreMaximum: number;
  resourceLinkId?: string;
  resourceId?: string;
  tag?: string;
}

/** How a list is cut into pages. */
export interface PageHabit {
  /** Rows on a page when the caller names no limit; left out: all of them. */
  byDefault?: number;
  /** Larger limits are quietly reduced to this. */
  most?: number;
  /** Whether the LMS says where the next page is. */
  links: boolean;
}

export interface ResultFilter {
  userId: string | undefined;
}

/** One row of a results answer, in the shape that LTIAAS passes on. */
export interface ResultRow {
  id: string;
  userId: string;
  scoreOf: string;
  timestamp: string;
  resultScore?: number;
  resultMaximum?: number;
  comment?: string;
}

/** One LMS product. Every function answers what that LMS answers; a reply means refusal, undefined means done. */
export interface Family {
  readonly name: FamilyName;
  /** As the launch's tool_platform claim writes it; absent where the LMS sends none. */
  readonly productFamilyCode?: string;
  readonly version?: string;
  readonly pages: { memberships: PageHabit; lineItems: PageHabit; results: PageHabit };
  userId(number: number): string;
  contextId(number: number): string;
  lineItemsUrl(context: SandboxContext): string;
  lineItemUrl(context: SandboxContext, number: number): string;
  membershipsUrl(context: SandboxContext): string;
  /** Refusal of any grade service call in this course. */
  refuseCourse(context: SandboxContext): LmsReply | undefined;
  /** Refusal of a roster: a course that is gone, too many members. */
  refuseRoster(context: SandboxContext, members: number): LmsReply | undefined;
  /** The reply for a column that does not exist, or no longer. */
  missingLineItem(lineItemId: string): LmsReply;
  refuseLineItem(lineItem: LineItem): LmsReply | undefined;
  refuseNewLineItem(context: SandboxContext, fields: LineItemFields): LmsReply | undefined;
  refuseDelete(lineItem: LineItem): LmsReply | undefined;
  /** Takes the score into the column's cells, or refuses it and leaves them alone. */
  postScore(post: ScorePost): LmsReply | undefined;
  isListed(member: Member): boolean;
  results(lineItem: LineItem, filter: ResultFilter): ResultRow[];
  throttled(platform: SandboxPlatform): LmsReply;
}
