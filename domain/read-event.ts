import { isStorable, LTI_ID_LENGTH } from './fields.js';
import type { EventReason } from './event-reasons.js';
import { findListOnTheWay, readPointer } from './json-pointer.js';
import type { EventMapping, Fact } from './webhook-source.js';

/** What an event says, in words of ours; kept after its body is gone. */
export interface EventFacts {
  type?: string;
  reference?: string;
  platformId?: string;
  deploymentId?: string;
  contextId?: string;
  userId?: string;
}

/** The longest reference and event id: four bytes a character still fit an index. */
export const EVENT_NAME_LENGTH = 255;

/** An item as `POST /v1/scores` takes it; whatever the event's target lacks comes from its reference. */
export type EventItem = Readonly<Record<string, unknown>>;

export type EventReading = { facts: EventFacts } & ({ reason: EventReason } | { item: EventItem });

/** Which fact of a mapping a member of an item came from, for telling people what is wrong in their words. */
const FACT_OF_MEMBER: Readonly<Record<string, keyof EventMapping>> = {
  platformId: 'platform',
  deploymentId: 'deployment',
  contextId: 'context',
  lineItem: 'column',
  userId: 'student',
  scoreGiven: 'score',
  scoreMaximum: 'maximum',
  comment: 'comment',
  changedAt: 'time',
};

class NotReadable extends Error {
  readonly reason: EventReason;
  constructor(reason: EventReason) {
    super(reason.name);
    this.reason = reason;
  }
}

/** Reads the facts of an event. Pure; nothing is guessed: what is mapped and not there makes it invalid. */
export function readEvent(document: unknown, mapping: EventMapping, receivedAt: Date): EventReading {
  const facts: EventFacts = {};
  try {
    const type = readType(document, mapping);
    if (type !== undefined) facts.type = type;
    if (mapping.type && !mapping.type.in.includes(type ?? '')) return { facts, reason: { name: 'typeNotWanted' } };
    checkEntry(document, mapping);
    const id = (name: keyof EventMapping, fact: Fact | undefined) => readId(document, name, fact);
    const reference = readId(document, 'reference', mapping.reference, EVENT_NAME_LENGTH);
    if (reference !== undefined) facts.reference = reference;
    const platformId = id('platform', mapping.platform);
    const deploymentId = id('deployment', mapping.deployment);
    const contextId = id('context', mapping.context);
    const userId = id('student', mapping.student);
    const names = {
      ...(platformId !== undefined && { platformId }),
      ...(deploymentId !== undefined && { deploymentId }),
      ...(contextId !== undefined && { contextId }),
      ...(userId !== undefined && { userId }),
    };
    Object.assign(facts, names);
    const comment = readValue(document, 'comment', mapping.comment);
    const item = {
      ...names,
      changedAt: readTime(document, mapping) ?? receivedAt.toISOString(),
      ...(mapping.column && { lineItem: readColumn(document, mapping.column) }),
      ...readPoints(document, mapping),
      ...(comment !== undefined && { comment }),
    };
    return { facts, item };
  } catch (error) {
    if (error instanceof NotReadable) return { facts, reason: error.reason };
    throw error;
  }
}

/** The fault of an item, told of the event that it was made from. `detail` begins with the name of the member. */
export function toEventReason(fault: { pointer: string; message: string }, mapping: EventMapping): EventReason {
  const [, member = '', part] = fault.pointer.split('/');
  const name = member === 'scoreGiven' && mapping.percentage !== undefined ? 'percentage' : FACT_OF_MEMBER[member];
  const mapped = name === 'column' ? readColumnFact(mapping, part) : name && mapping[name];
  return {
    name: 'unusableValue',
    fact: name ?? member,
    detail: fault.message,
    ...(typeof mapped === 'string' && { pointer: mapped }),
  };
}

function readColumnFact({ column }: EventMapping, part: string | undefined): Fact | undefined {
  return Object.entries(column ?? {}).find(([name]) => name === part)?.[1];
}

function readType(document: unknown, { type }: EventMapping): string | undefined {
  if (!type) return undefined;
  const found = readAt(document, 'type', type.pointer);
  if (found === undefined || found === null) throw nothingThere('type', type.pointer);
  if (typeof found === 'string') return checkText('type', type.pointer, found, EVENT_NAME_LENGTH);
  throw unusable('type', type.pointer, 'must be a text');
}

/** What was not taken apart into several events must be one. */
function checkEntry(document: unknown, { events }: EventMapping): void {
  const entry = readRequired(document, 'events', events);
  if (events !== undefined && (typeof entry !== 'object' || Array.isArray(entry))) {
    throw unusable('events', events, `must have objects, and not ${kindOf(entry)}`);
  }
}

/** Ids are texts to us; some services write theirs as numbers. */
function readId(document: unknown, name: string, fact: Fact | undefined, most = LTI_ID_LENGTH): string | undefined {
  const found = readRequired(document, name, fact);
  if (found === undefined) return undefined;
  if (typeof found === 'string') return checkText(name, fact, found, most);
  if (typeof found === 'number' && Number.isSafeInteger(found)) return String(found);
  throw unusable(name, fact, 'must be a text or a whole number');
}

function checkText(name: string, fact: Fact | undefined, text: string, most: number): string {
  if (text === '') throw unusable(name, fact, 'must not be empty');
  if (text.length > most) throw unusable(name, fact, `must not be longer than ${most} characters`);
  if (!isStorable(text)) throw unusable(name, fact, 'holds a character that cannot be stored');
  return text;
}

function readColumn(document: unknown, column: NonNullable<EventMapping['column']>): Record<string, unknown> {
  const { tag, scoreMaximum, label, ...names } = column;
  const ids = Object.entries(names).map(([name, fact]) => [name, readId(document, 'column', fact)] as const);
  const tagFound = readValue(document, 'column', tag);
  const labelFound = readRequired(document, 'column', label);
  return {
    ...Object.fromEntries<unknown>(ids),
    ...(tagFound !== undefined && { tag: tagFound }),
    ...(labelFound !== undefined && { label: labelFound }),
    ...(scoreMaximum !== undefined && { scoreMaximum: readNumber(document, 'column', scoreMaximum) }),
  };
}

function readPoints(document: unknown, mapping: EventMapping): { scoreGiven: number; scoreMaximum: number } {
  const { score, percentage, maximum } = mapping;
  const scoreMaximum = maximum === undefined ? 100 : readNumber(document, 'maximum', maximum);
  if (percentage === undefined) return { scoreGiven: readNumber(document, 'score', score), scoreMaximum };
  const percent = readPercentage(document, percentage);
  return { scoreGiven: scoreMaximum === 100 ? percent : (percent * scoreMaximum) / 100, scoreMaximum };
}

function readNumber(document: unknown, name: string, fact: Fact | undefined): number {
  const found = readRequired(document, name, fact);
  if (typeof found === 'number') return found;
  const hint =
    name === 'score' && typeof found === 'string' && found.trim().endsWith('%')
      ? 'must be a number; for percentages map percentage in place of score'
      : `must be a number, and not ${kindOf(found)}`;
  throw unusable(name, fact, hint);
}

/** 85, "85%" or "85 %". A text without its sign may be anything. */
function readPercentage(document: unknown, fact: Fact): number {
  const found = readRequired(document, 'percentage', fact);
  if (typeof found === 'number') return found;
  const text = typeof found === 'string' ? /^\s*(\d{1,9}(?:\.\d{1,9})?)\s*%\s*$/.exec(found)?.[1] : undefined;
  if (text !== undefined) return Number(text);
  throw unusable('percentage', fact, 'must be a number, or a text such as "85 %"');
}

function readTime(document: unknown, { time, timeFormat = 'iso8601' }: EventMapping): string | undefined {
  const found = readRequired(document, 'time', time);
  if (found === undefined) return undefined;
  if (timeFormat === 'iso8601') {
    if (typeof found === 'string') return found;
    throw unusable('time', time, 'must be an ISO 8601 text; for numbers set timeFormat');
  }
  const number = typeof found === 'string' && /^\d{1,16}$/.test(found) ? Number(found) : found;
  const milliseconds = typeof number === 'number' ? number * (timeFormat === 'unixSeconds' ? 1_000 : 1) : Number.NaN;
  // The last instant that a Date can hold, and that ISO 8601 writes with four digits.
  if (milliseconds >= 0 && milliseconds < 253_402_300_800_000) return new Date(milliseconds).toISOString();
  throw unusable('time', time, 'must be a number of seconds or milliseconds since 1970');
}

function readValue(document: unknown, name: string, fact: Fact | undefined): unknown {
  if (fact === undefined) return undefined;
  return (typeof fact === 'string' ? readAt(document, name, fact) : fact.value) ?? undefined;
}

/** One of several things in a list is not taken for all of them. */
function readAt(document: unknown, name: string, pointer: string): unknown {
  const list = findListOnTheWay(document, pointer);
  if (list === undefined) return readPointer(document, pointer);
  const detail = `${name} (${pointer}) would take one thing out of the list at "${list}".`;
  throw new NotReadable({ name: 'severalEvents', fact: name, pointer, detail });
}

function readRequired(document: unknown, name: string, fact: Fact | undefined): unknown {
  const found = readValue(document, name, fact);
  if (found === undefined && fact !== undefined) throw nothingThere(name, fact);
  return found;
}

function nothingThere(fact: string, where: Fact): NotReadable {
  const pointer = typeof where === 'string' ? where : undefined;
  return new NotReadable({ name: 'nothingThere', fact, pointer, detail: `${fact} (${pointer ?? ''}) is not there.` });
}

function unusable(fact: string, where: Fact | undefined, rule: string): NotReadable {
  const pointer = typeof where === 'string' ? where : undefined;
  const place = pointer === undefined ? fact : `${fact} (${pointer})`;
  return new NotReadable({ name: 'unusableValue', fact, pointer, detail: `${place} ${rule}.` });
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return 'a text';
  if (typeof value === 'number') return 'a number';
  return typeof value === 'object' ? 'an object' : 'true or false';
}
