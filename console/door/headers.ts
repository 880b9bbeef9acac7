import type { FastifyReply, FastifyRequest } from 'fastify';

/** Nothing inline, and nothing from anywhere else: a student's name that is markup stays a name. */
const POLICY = [
  "default-src 'none'",
  ...["script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'"],
  ...["form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"],
].join('; ');

/** What every answer of the console says to the browser. */
export function guardAnswer(reply: FastifyReply): void {
  reply.headers({
    'content-security-policy': POLICY,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    // With `no-referrer` browsers would send `Origin: null` with our own forms.
    'referrer-policy': 'same-origin',
  });
}

/**
 * Whether a page of ours sent this. Browsers say so in `Sec-Fetch-Site`, but only over TLS or to their own machine; elsewhere
 * `Origin` must be the host that was asked. Who says neither is no browser of today, and is refused.
 * https://www.w3.org/TR/fetch-metadata/
 */
export function isFromOurPage({ headers, host }: Pick<FastifyRequest, 'headers' | 'host'>): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin } = headers;
  if (origin === undefined || !URL.canParse(origin)) return false;
  const from = new URL(origin);
  // Written as an address, so that the port that goes without saying is left out of both.
  const here = `${from.protocol}//${host}`;
  return URL.canParse(here) && new URL(here).host === from.host;
}

/**
 * Whether a link on another site led here. `SameSite=Strict` then keeps the session back for this one request, though it may be
 * a good one: a page that loads itself again comes with it.
 */
export function isLinkFromElsewhere({ headers, method }: Pick<FastifyRequest, 'headers' | 'method'>): boolean {
  return method === 'GET' && headers['sec-fetch-site'] === 'cross-site' && headers['sec-fetch-mode'] === 'navigate';
}
