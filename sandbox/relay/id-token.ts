import type { IdToken } from '../schemas/views.js';
import { ok, type RelayAnswer } from './answer.js';
import type { CallTarget } from './pipeline.js';

/** GET /api/idtoken: the launch as LTIAAS formats it, or the claims themselves with `?raw=true`. */
export function getIdToken(target: CallTarget, raw: boolean): RelayAnswer {
  const { idToken } = target.launch;
  if (raw) return ok(toClaims(idToken));
  return ok(target.context.platform.settings.olderDialect ? toOlderDialect(idToken) : idToken);
}

function toOlderDialect({ launch, ...token }: IdToken): object {
  const { resourceLink, ...others } = launch;
  return { ...token, launch: { ...others, resource: resourceLink } };
}

const claim = 'https://purl.imsglobal.org/spec/lti/claim';

function toClaims(token: IdToken): Record<string, unknown> {
  const { user, platform, launch } = token;
  const issuedAtSeconds = Math.floor(Date.now() / 1000);
  return {
    ltiVersion: token.ltiVersion,
    iss: platform.url,
    sub: user.id,
    aud: platform.clientId,
    iat: issuedAtSeconds,
    exp: issuedAtSeconds + 3600,
    nonce: `${launch.context.id}-${issuedAtSeconds}`,
    ...(user.name === undefined ? {} : { name: user.name }),
    ...(user.email === undefined ? {} : { email: user.email }),
    [`${claim}/message_type`]: launch.type,
    [`${claim}/version`]: token.ltiVersion,
    [`${claim}/deployment_id`]: platform.deploymentId,
    [`${claim}/target_link_uri`]: launch.target,
    [`${claim}/roles`]: user.roles,
    [`${claim}/context`]: launch.context,
    [`${claim}/resource_link`]: launch.resourceLink,
    [`${claim}/tool_platform`]: {
      guid: platform.guid,
      name: platform.name,
      ...(platform.productFamilyCode === undefined ? {} : { product_family_code: platform.productFamilyCode }),
    },
  };
}
