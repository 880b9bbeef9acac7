import { namesOf, reachesPlatform } from '../../domain/reach.js';
import { isPublicAddress, literalAddressOf } from '../../domain/public-address.js';
import { ProblemError } from '../problems.js';

/**
 * What can be known of an address before it is called; what its name stands for is looked at when the connection is made.
 * @throws {ProblemError} `invalid-notice-endpoint`
 */
export function checkNoticeUrl(text: string, { mayBePrivate }: { mayBePrivate: boolean }): void {
  const refuse = (detail: string): never => {
    throw new ProblemError('invalid-notice-endpoint', detail, { pointer: '/url' });
  };
  if (!URL.canParse(text) || /\s/.test(text)) return refuse('The address is none.');
  const url = new URL(text);
  const schemes = mayBePrivate ? ['https:', 'http:'] : ['https:'];
  if (!schemes.includes(url.protocol))
    refuse(`The address begins with ${schemes.map((one) => `${one}//`).join(' or ')}.`);
  if (url.username || url.password || url.hash) refuse('The address has neither a user name nor a fragment.');
  const literal = literalAddressOf(url);
  if (!mayBePrivate && literal !== undefined && !isPublicAddress(literal)) {
    refuse('The address is not one of the public internet.');
  }
}

/**
 * An endpoint is of one course only together with its platform, and of no platform that it may not hear of.
 * @throws {ProblemError}
 */
export function checkNoticeFilter(
  { platformId, contextId }: { platformId: string | null; contextId: string | null },
  platforms: readonly string[] | null,
): void {
  if (contextId !== null && platformId === null) {
    const detail = 'A course is named together with its platform.';
    throw new ProblemError('invalid-notice-endpoint', detail, { pointer: '/platformId' });
  }
  if (namesOf(platforms).deployments?.length) {
    throw new ProblemError('forbidden', 'Notices tell of whole platforms, and this API key is limited to deployments.');
  }
  if (platformId !== null && !reachesPlatform(platforms, platformId)) {
    throw new ProblemError('forbidden', 'A key that is limited to some platforms makes no endpoint for another one.');
  }
}
