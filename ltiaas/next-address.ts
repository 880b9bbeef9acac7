import { isPublicAddress, literalAddressOf } from '../domain/public-address.js';

/** Where a page's `next` leads, as far as we pass it on. */
export type NextAddress =
  | { address: string }
  /** Nobody knows the page's own address, from which it is meant. */
  | { fault: 'unknown' }
  | { fault: 'unusable' }
  /** Not on the origin of the page. */
  | { fault: 'elsewhere' };

/** The authority as it is written: where two readers of an address see different hosts, they do it by these characters. */
const CLEAN_AUTHORITY = /^https?:\/\/[a-z0-9._:[\]-]+(?:[/?#]|$)/i;

/**
 * The address of the next page, on the origin of the page that names it: LTIAAS calls it with the LMS's token, and answers us
 * with what it finds. `page`: its own address, `origin`: any address of the same origin. Where neither is known only a whole
 * address over https is taken that is none of a private network, to whose origin all further pages are held. Loopback may be http.
 */
export function resolveNext(
  next: string,
  known: { page: string | undefined; origin: string | undefined },
): NextAddress {
  const base = toHttpUrl(known.page);
  const owner = toHttpUrl(known.origin) ?? base;
  const isWhole = URL.canParse(next);
  // Of another host, whatever the base is.
  if (!isWhole && /^\s*[/\\]{2}/.test(next)) return { fault: 'elsewhere' };
  if (!isWhole && !base) return { fault: 'unknown' };
  if (!isWhole && !URL.canParse(next, base)) return { fault: 'unusable' };
  const url = toHttpUrl(new URL(next, base).href);
  if (!url) return { fault: 'unusable' };
  const address = isWhole ? next : url.href;
  const isClean = CLEAN_AUTHORITY.test(address) && url.username === '' && url.password === '';
  const isOwn = owner ? url.origin === owner.origin : isSafe(url);
  return isClean && isOwn ? { address } : { fault: 'elsewhere' };
}

function isSafe(url: URL): boolean {
  const literal = literalAddressOf(url);
  if (url.hostname === 'localhost' || literal === '::1' || literal?.startsWith('127.')) return true;
  return url.protocol === 'https:' && (literal === undefined || isPublicAddress(literal));
}

function toHttpUrl(text: string | undefined): URL | undefined {
  if (text === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) ? url : undefined;
}
