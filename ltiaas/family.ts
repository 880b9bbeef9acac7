import type { LmsFamily } from '../domain/platform.js';

/** Product family codes as launches carry them, lower case without separators. 1EdTech publishes no list. */
const CODES: readonly (readonly [RegExp, LmsFamily])[] = [
  [/^canvas/, 'canvas'],
  [/^moodle/, 'moodle'],
  [/^blackboard/, 'blackboard'],
  [/^(desire2learn|d2l|brightspace)/, 'd2l'],
  [/^schoology/, 'schoology'],
  [/^sakai/, 'sakai'],
  [/^(openedx|edx)/, 'openedx'],
];

/** Hosts of vendors, and the paths under which each product serves its line items wherever it is hosted. */
const URLS: readonly (readonly [RegExp, LmsFamily])[] = [
  [/^[^/]*\.instructure\.com\/|\/api\/lti\/courses\/\d+\/line_items\b/, 'canvas'],
  [/\/mod\/lti\/(services|auth|token)\.php\b|^[^/]*\.moodlecloud\.com\//, 'moodle'],
  [/^[^/]*\.blackboard\.com\/|\/learn\/api\/v1\/lti\b/, 'blackboard'],
  [/^[^/]*\.(brightspace|desire2learn)\.com\/|\/d2l\/api\/lti\b/, 'd2l'],
  [/^([^/]*\.)?schoology\.com\//, 'schoology'],
  [/\/imsblis\/lti13\b/, 'sakai'],
  [/\/api\/lti_consumer\/v1\/|^[^/]*\.edx\.org\//, 'openedx'],
];

export interface FamilyHints {
  /** `platform.productFamilyCode` of the id token. Open edX sends none. */
  readonly productFamilyCode?: string | undefined;
  /** `platform.url`, and line item URLs where they are known. */
  readonly urls?: readonly (string | undefined)[];
}

/** A guess at the LMS product, `unknown` where nothing tells; an operator may set it per platform. */
export function familyOf({ productFamilyCode = '', urls = [] }: FamilyHints): LmsFamily {
  const code = productFamilyCode.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const byCode = CODES.find(([pattern]) => pattern.test(code));
  if (byCode) return byCode[1];
  for (const url of urls) {
    const place = (url ?? '').toLowerCase().replace(/^https?:\/\//, '');
    const byUrl = URLS.find(([pattern]) => pattern.test(place.includes('/') ? place : `${place}/`));
    if (byUrl) return byUrl[1];
  }
  return 'unknown';
}
