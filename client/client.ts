import { createCaller, readJson, type Call, type CallOptions, type ClientOptions } from './caller.js';
import { followEvents } from './follow-events.js';
import type { Calls } from './generated/calls.js';
import { OPERATIONS } from './generated/operations.js';
import type { ScoreItem, TakenScore } from './generated/schemas.js';
import type { Items } from './lines.js';
import type { Operation } from './operation.js';
import { streamScores, type StreamOptions } from './stream-scores.js';
import type { Input } from './to-request.js';

/** The names of the operations, as `/openapi.json` has them. */
export type OperationId = keyof Calls;

type InputOf<Id extends OperationId> = Calls[Id]['input'];
/** The input may be left out where nothing of it is needed. */
type Arguments<I> =
  Record<never, never> extends I ? [input?: I, options?: CallOptions] : [input: I, options?: CallOptions];

type PagedId = { [Id in OperationId]: Calls[Id] extends { entry: unknown } ? Id : never }[OperationId];
type EntryOf<Id extends PagedId> = Calls[Id] extends { entry: infer Entry } ? Entry : never;

/** One method for each operation. Parameters of path and query stand beside each other, with the `body`. */
export type Methods = {
  [Id in OperationId]: (
    ...given: Arguments<InputOf<Id>>
  ) => Id extends 'followBackfill' ? AsyncIterable<Calls[Id]['answer']> : Promise<Calls[Id]['answer']>;
};

export interface Client extends Methods {
  /** Page after page, each as it is answered, until a page is the last one or is empty. */
  readonly pages: { [Id in PagedId]: (...given: Arguments<InputOf<Id>>) => AsyncIterable<Calls[Id]['answer']> };
  /** The entries of all pages. */
  readonly all: { [Id in PagedId]: (...given: Arguments<InputOf<Id>>) => AsyncIterable<EntryOf<Id>> };
  /**
   * Hands in any number of scores, and gives the answer of each, in order, with its place as `index`. What has no answer when
   * a connection breaks is sent again.
   */
  streamScores(scores: Items<ScoreItem>, options?: StreamOptions): AsyncIterable<TakenScore>;
  /** The answer as it is, for what is no JSON: `format: 'csv'`. */
  fetch<Id extends OperationId>(id: Id, ...given: Arguments<InputOf<Id>>): Promise<Response>;
}

interface Page {
  nextCursor: string | null;
}

/** A client of Passback's API. It opens nothing by itself, and keeps nothing but what it is given. */
export function createClient(options: ClientOptions): Client {
  const caller = createCaller(options);
  const toCall = (id: OperationId, input: Input = {}, own: CallOptions = {}): Call => ({
    ...{ id, operation: OPERATIONS[id], input, options: own },
  });
  const ids = Object.keys(OPERATIONS).filter(isOperationId);
  const ofEach = <T>(among: readonly OperationId[], make: (id: OperationId) => T): Record<string, T> =>
    Object.fromEntries(among.map((id) => [id, make(id)]));

  const methods = ofEach(ids, (id) => (input?: Input, own?: CallOptions): unknown => {
    const call = toCall(id, input, own);
    return call.operation.hasEvents
      ? followEvents(caller, { ...call, isStreamed: true }, options)
      : caller.call(call, readJson);
  });
  async function* readPages(id: OperationId, input: Input = {}, own?: CallOptions): AsyncGenerator<Page, void, void> {
    const { entries = '' }: Operation = OPERATIONS[id];
    for (let cursor: unknown = input['cursor']; cursor !== null;) {
      const page = await caller.call(toCall(id, { ...input, cursor }, own), readJson);
      if (!isPage(page)) throw new TypeError(`${id} answered with no page.`);
      yield page;
      // Lists of changes go on for ever: an empty page says that all is read for now.
      cursor = entriesOf(page, entries).length === 0 ? null : page.nextCursor;
    }
  }
  async function* readAll(id: OperationId, input?: Input, own?: CallOptions): AsyncGenerator<unknown, void, void> {
    const { entries = '' }: Operation = OPERATIONS[id];
    for await (const page of readPages(id, input, own)) yield* entriesOf(page, entries);
  }
  const paged = ids.filter((id) => 'entries' in OPERATIONS[id]);
  const client = {
    ...methods,
    pages: ofEach(paged, (id) => (input?: Input, own?: CallOptions) => readPages(id, input, own)),
    all: ofEach(paged, (id) => (input?: Input, own?: CallOptions) => readAll(id, input, own)),
    streamScores: (scores: Items<ScoreItem>, own: StreamOptions = {}) => streamScores(caller, scores, own, options),
    fetch: async (id: OperationId, input?: Input, own?: CallOptions) =>
      caller.call({ ...toCall(id, input, own), isStreamed: true }, async (response) => response),
  };
  if (!isClient(client)) throw new Error('The table of operations lacks one.');
  return client;
}

/** `OPERATIONS` and `Calls` are written from the same document. */
function isOperationId(name: string): name is OperationId {
  return name in OPERATIONS;
}

/** What the methods take and give is the word of the document: a test calls each of them. */
function isClient(made: object): made is Client {
  return Object.keys(OPERATIONS).every((id) => id in made);
}

function isPage(answer: unknown): answer is Page {
  return typeof answer === 'object' && answer !== null && 'nextCursor' in answer;
}

function entriesOf(page: Page, name: string): readonly unknown[] {
  const entries: unknown = Reflect.get(page, name);
  return Array.isArray(entries) ? entries : [];
}
