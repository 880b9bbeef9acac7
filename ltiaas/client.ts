import { isStorable } from '../domain/fields.js';
import type { LmsFamily } from '../domain/platform.js';
import { faultOfServiceKey } from '../domain/service-key.js';
import { LtiaasError } from './error.js';
import { createHttp, invalidAnswer, type BeginBy, type CallFacts, type Http, type HttpCall } from './http.js';
import { lineItemPath, rememberScoresPaths } from './line-item-path.js';
import { pagesOf, type PagedCall } from './paging.js';
import { readIdToken, readLineItem, readMember, readResult } from './payloads.js';
import type { IdToken, LineItem, Member, Result } from './payloads.js';
import { isRecord, type Read, type ReadResult } from './read.js';
import { toLineItemPayload, toScorePayload, type NewLineItem, type ScoreToSend } from './write.js';

export interface LtiaasClientOptions {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** For one HTTP call, in milliseconds. Default 15,000. */
  readonly timeoutMs?: number;
  /** Default 2 MB. */
  readonly maxResponseBytes?: number;
  /** Connections kept alive for each `pool`. Default 128. */
  readonly connections?: number;
  /** Hears of each HTTP call that is over; must not throw. */
  readonly onCall?: (call: CallFacts) => void;
}

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** For each HTTP call of this one. */
  readonly timeoutMs?: number | undefined;
  /**
   * Names what the call shares its connections with, such as a platform: where one hangs with all of its connections,
   * calls under other names go on. Undefined: all calls without a name.
   */
  readonly pool?: string | undefined;
}
interface KeyedCall extends CallOptions {
  readonly serviceKey: string;
}
interface LineItemCall extends KeyedCall {
  /** The LMS's id, a URL; sent as one part of the path. */
  readonly lineItemId: string;
}

/** A call that writes names both, so that neither is forgotten where a grade depends on it. */
interface WritingCall {
  /** Undefined: not known. */
  readonly family: LmsFamily | undefined;
  /** The call is not begun at or after this; undefined: it may begin whenever. */
  readonly beginBy: BeginBy | undefined;
}

export interface SubmitScoreCall extends LineItemCall, WritingCall {
  readonly score: ScoreToSend;
  /** The gradebook has a score of ours already: on Canvas that must not use up one more attempt. */
  readonly reGrade: boolean;
}

export interface MembershipPage {
  readonly members: Member[];
  /** The LMS's id of the course, where the page names it. */
  readonly contextId?: string;
  /** Entries that could not be used, or whose page cannot be found. A roster with such entries is not complete. */
  readonly skipped: number;
}

export interface ResultPage {
  readonly results: Result[];
  /** Rows that could not be used, or whose page cannot be found. A list with such rows is not complete. */
  readonly skipped: number;
}

/** LTIAAS's service calls. Every method rejects with `LtiaasError`, or returns what it promises. */
export interface LtiaasClient {
  /** Reads the launch behind an ltik. */
  getIdToken(call: CallOptions & { readonly ltik: string }): Promise<IdToken>;
  /** All columns that the tool may see; the filters are applied here whatever LTIAAS and the LMS make of them. */
  listLineItems(
    call: KeyedCall & { readonly resourceLinkId?: string; readonly resourceId?: string; readonly tag?: string },
  ): Promise<LineItem[]>;
  getLineItem(call: LineItemCall): Promise<LineItem>;
  /** Makes a column; doing it twice makes two. */
  createLineItem(call: KeyedCall & WritingCall & { readonly lineItem: NewLineItem }): Promise<LineItem>;
  /** Sends one score, at most once. Any 2xx is success: Moodle answers 200, Open edX 201, LTIAAS documents 204. */
  submitScore(call: SubmitScoreCall): Promise<{ status: number; durationMs: number }>;
  /** All results of a column, of one user if `userId` is given. No `limit` on Moodle: its pages cannot be followed. */
  listResults(call: LineItemCall & { readonly userId?: string; readonly limit?: number }): Promise<Result[]>;
  /** The same page by page. Throws unless the end is reached. */
  resultPages(call: LineItemCall & { readonly limit?: number }): AsyncGenerator<ResultPage, void, void>;
  /** A roster page by page. Throws unless the end is reached, so a loop that ends normally has seen everyone. */
  membershipPages(
    call: KeyedCall & { readonly resourceLinkId?: string; readonly limit?: number },
  ): AsyncGenerator<MembershipPage, void, void>;
  close(): Promise<void>;
}

/** Makes the client; opens no connection until the first call. */
export function createLtiaasClient({ apiKey, ...options }: LtiaasClientOptions): LtiaasClient {
  const http = createHttp({ ...options, secrets: [apiKey] });
  const keyed = (call: KeyedCall): Keyed => toKeyed(apiKey, call);
  const scoresPathOf = rememberScoresPaths();

  return {
    getIdToken: ({ ltik, signal, timeoutMs, pool }) => {
      const path = '/api/idtoken';
      const keyed = { authorization: `LTIK-AUTH-V2 ${apiKey}:${ltik}`, secrets: [ltik], signal, timeoutMs, pool };
      return getOne(http, { ...keyed, method: 'GET', template: path, path, read: readIdToken });
    },
    async listLineItems({ resourceLinkId, resourceId, tag, ...call }) {
      // The resourceLinkId filter is not passed on: LTIAAS's own library filters by the launch's link instead.
      const path = withQuery('/api/lineitems', { resourceId, tag });
      const items = await collect(http, pagedCall(keyed(call), '/api/lineitems', path, 'lineItems', readLineItem));
      return items.filter((item) => isAskedFor(item, { resourceLinkId, resourceId, tag }));
    },
    async getLineItem({ lineItemId, ...call }) {
      const path = lineItemPath(lineItemId);
      return getOne(http, { ...keyed(call), method: 'GET', template: '/api/lineitems/{id}', path, read: readLineItem });
    },
    async createLineItem({ lineItem, family, beginBy, ...call }) {
      const body = toLineItemPayload(lineItem, family);
      const path = '/api/lineitems';
      return getOne(http, { ...keyed(call), method: 'POST', template: path, path, body, beginBy, read: readLineItem });
    },
    // Spelt out: a batch makes thousands of these calls a minute, and each copy of an object shows.
    submitScore: async (call) =>
      http.send({
        authorization: toAuthorization(apiKey, call.serviceKey),
        method: 'POST',
        template: '/api/lineitems/{id}/scores',
        path: scoresPathOf(call.lineItemId),
        secrets: [call.serviceKey, call.score.userId],
        body: toScorePayload(call.score, call),
        signal: call.signal,
        timeoutMs: call.timeoutMs,
        pool: call.pool,
        beginBy: call.beginBy,
      }),
    async listResults({ userId, ...call }) {
      const results = await collect(http, resultsCall(keyed(call), scoresPathOf(call.lineItemId), { ...call, userId }));
      // Open edX ignores the filter and sends everyone's.
      return userId === undefined ? results : results.filter((result) => result.userId === userId);
    },
    async *resultPages(call) {
      for await (const page of pagesOf(http, resultsCall(keyed(call), scoresPathOf(call.lineItemId), call))) {
        yield { results: page.items, skipped: page.skipped + Number(page.isCutOff) };
      }
    },
    async *membershipPages({ resourceLinkId, limit, ...call }) {
      const path = withQuery('/api/memberships', { resourceLinkId, limit });
      for await (const page of pagesOf(http, pagedCall(keyed(call), '/api/memberships', path, 'members', readMember))) {
        const skipped = page.skipped + Number(page.isCutOff);
        yield { members: page.items, skipped, ...contextIdOf(page.container) };
      }
    },
    close: () => http.close(),
  };
}

/** Some LMSes ignore filters. */
function isAskedFor(
  item: LineItem,
  { resourceLinkId, resourceId, tag }: Record<'resourceLinkId' | 'resourceId' | 'tag', string | undefined>,
): boolean {
  return (
    (resourceLinkId === undefined || item.resourceLinkId === resourceLinkId) &&
    (resourceId === undefined || item.resourceId === resourceId) &&
    (tag === undefined || item.tag === tag)
  );
}

type Keyed = Pick<HttpCall, 'authorization' | 'secrets' | 'signal' | 'timeoutMs' | 'pool'>;

function toKeyed(apiKey: string, { serviceKey, signal, timeoutMs, pool }: KeyedCall): Keyed {
  return { authorization: toAuthorization(apiKey, serviceKey), secrets: [serviceKey], signal, timeoutMs, pool };
}

/** The code of a call that was not made, since its service key is none. */
const UNUSABLE_SERVICE_KEY = 'UNUSABLE_SERVICE_KEY';

/** @throws {LtiaasError} for a key that was stored before launches were held against what a header can carry */
function toAuthorization(apiKey: string, serviceKey: string): string {
  if (faultOfServiceKey(serviceKey) !== undefined) {
    const unsent = { kind: 'network', sent: false, method: '-', route: 'SERVICE-AUTH-V1', durationMs: 0 } as const;
    throw new LtiaasError({ ...unsent, code: UNUSABLE_SERVICE_KEY });
  }
  return `SERVICE-AUTH-V1 ${apiKey}:${serviceKey}`;
}

function pagedCall<T>(keyed: Keyed, pagePath: string, path: string, key: string, read: Read<T>): PagedCall<T> {
  return { ...keyed, method: 'GET', template: pagePath, pagePath, path, key, read };
}

function resultsCall(
  keyed: Keyed,
  pagePath: string,
  { lineItemId, userId, limit }: { lineItemId: string; userId?: string | undefined; limit?: number | undefined },
): PagedCall<Result> {
  const call = pagedCall(keyed, pagePath, withQuery(pagePath, { userId, limit }), 'scores', readResult);
  return { ...call, template: '/api/lineitems/{id}/scores', origin: lineItemId };
}

async function getOne<T>(http: Http, call: HttpCall & { read: (value: unknown) => ReadResult<T> }): Promise<T> {
  const result = call.read(await http.requestJson(call));
  if (result.ok) return result.value;
  throw invalidAnswer(
    call,
    result.problems.map(({ path, problem }) => `${path || 'the answer'} ${problem}`).join('; '),
  );
}

async function collect<T>(http: Http, call: PagedCall<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const page of pagesOf(http, call)) {
    if (page.isCutOff) throw invalidAnswer(call, 'The address of the next page says not of which host.');
    items.push(...page.items);
  }
  return items;
}

function contextIdOf(container: unknown): { contextId?: string } {
  const context = isRecord(container) ? container['context'] : undefined;
  const id = isRecord(context) ? context['id'] : undefined;
  return typeof id === 'string' && isStorable(id) ? { contextId: id } : {};
}

function withQuery(path: string, query: Readonly<Record<string, string | number | undefined>>): string {
  const parts = Object.entries(query).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${encodeURIComponent(value)}`],
  );
  return parts.length === 0 ? path : `${path}?${parts.join('&')}`;
}
