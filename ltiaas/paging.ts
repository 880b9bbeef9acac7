import { invalidAnswer, type Http, type HttpCall } from './http.js';
import { readPage, type Page, type Read } from './read.js';

/** More pages than any course has, so that an LMS which invents pages for ever is not followed for ever. */
const MOST_PAGES = 1_000;

export interface PagedCall<T> extends HttpCall {
  readonly method: 'GET';
  /** The path without a query, to which later pages are asked for. */
  readonly pagePath: string;
  readonly key: string;
  readonly read: Read<T>;
}

/** A page, with its container as it came. */
export interface ContainerPage<T> extends Page<T> {
  readonly container: unknown;
}

/**
 * Follows `next` to the end and throws when the end is not reached, so that whoever finishes the loop has seen all.
 * A `next` is an address in the LMS: LTIAAS gets it as its `url` parameter, beside which it ignores all others, and we
 * never call it ourselves. https://www.imsglobal.org/spec/lti-nrps/v2p0#limit-query-parameter
 * @throws {LtiaasError}
 */
export async function* pagesOf<T>(http: Http, call: PagedCall<T>): AsyncGenerator<ContainerPage<T>, void, void> {
  const seen = new Set<string>();
  let path = call.path;
  for (let count = 0; count < MOST_PAGES; count += 1) {
    const container = await http.requestJson({ ...call, path });
    const page = readPage(container, call.key, call.read);
    if (!page) throw invalidAnswer(call, `The answer has no list "${call.key}", or its "next" is not a text.`);
    yield { ...page, container };
    if (page.next === undefined) return;
    if (!isHttpUrl(page.next)) throw invalidAnswer(call, 'The address of the next page is not an HTTP address.');
    if (seen.has(page.next)) throw invalidAnswer(call, 'The pages go in a circle.');
    seen.add(page.next);
    path = `${call.pagePath}?url=${encodeURIComponent(page.next)}`;
  }
  throw invalidAnswer(call, `There are more than ${MOST_PAGES} pages.`);
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
