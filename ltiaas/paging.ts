import { ELSEWHERE, invalidAnswer, type Http, type HttpCall } from './http.js';
import { resolveNext, type NextAddress } from './next-address.js';
import { isRecord, readPage, type Page, type Read } from './read.js';

/** More pages than any course has, so that an LMS which invents pages for ever is not followed for ever. */
const MOST_PAGES = 1_000;

export interface PagedCall<T> extends HttpCall {
  readonly method: 'GET';
  /** The path without a query, to which later pages are asked for. */
  readonly pagePath: string;
  readonly key: string;
  readonly read: Read<T>;
  /** An address on the LMS's host, where a launch or a list has brought one. Undefined: the page's own, if it says one. */
  readonly origin?: string | undefined;
}

/** A page, with its container as it came. */
export interface ContainerPage<T> extends Page<T> {
  readonly container: unknown;
  /** There are more pages, and nobody can say where: this is the last one that can be read. */
  readonly isCutOff: boolean;
}

/**
 * Follows `next` to the end and throws when the end is not reached, so that whoever finishes the loop has seen all.
 * A `next` is an address in the LMS: LTIAAS gets it as its `url` parameter, beside which it ignores all others, and we
 * never call it ourselves. https://www.imsglobal.org/spec/lti-nrps/v2p0#limit-query-parameter
 * One without a host is meant from the page on which it stands (RFC 3986, 5): from the address that was asked for, or that
 * the container gives itself as its `id`. Where nobody knows that, the page is cut off. One that leads to another origin than
 * that page's is not passed on (docs/decisions/0023).
 * @throws {LtiaasError}
 */
export async function* pagesOf<T>(http: Http, call: PagedCall<T>): AsyncGenerator<ContainerPage<T>, void, void> {
  const seen = new Set<string>();
  let path = call.path;
  /** Of the page, in the LMS; undefined: the first one's, which LTIAAS knows. */
  let address: string | undefined;
  for (let count = 0; count < MOST_PAGES; count += 1) {
    const container = await http.requestJson({ ...call, path });
    const page = readPage(container, call.key, call.read);
    if (!page) throw invalidAnswer(call, `The answer has no list "${call.key}", or its "next" is not a text.`);
    const next =
      page.next === undefined
        ? undefined
        : resolveNext(page.next, { page: address ?? idOf(container), origin: call.origin });
    const isCutOff = next !== undefined && 'fault' in next && next.fault === 'unknown';
    if (next === undefined || isCutOff) {
      yield { ...page, container, isCutOff };
      return;
    }
    // Before the page is handed on: what it says of others is not to be trusted either.
    address = addressOf(next, call);
    yield { ...page, container, isCutOff };
    if (seen.has(address)) throw invalidAnswer(call, 'The pages go in a circle.');
    seen.add(address);
    path = `${call.pagePath}?url=${encodeURIComponent(address)}`;
  }
  throw invalidAnswer(call, `There are more than ${MOST_PAGES} pages.`);
}

/** @throws {LtiaasError} */
function addressOf(next: NextAddress, call: HttpCall): string {
  if ('address' in next) return next.address;
  if (next.fault === 'elsewhere') {
    throw invalidAnswer(call, 'The address of the next page is not on the host of this page.', ELSEWHERE);
  }
  throw invalidAnswer(call, 'The address of the next page is not an HTTP address.');
}

function idOf(container: unknown): string | undefined {
  const id = isRecord(container) ? container['id'] : undefined;
  return typeof id === 'string' ? id : undefined;
}
