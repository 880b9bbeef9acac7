import Type from 'typebox';
import { Compile } from 'typebox/compile';

/*
 * What the official client demands of LTIAAS's answers, written down from LTIaaS/ltiaas-node-sdk 1.0.0-beta.20
 * (src/resources/{idtoken,lineitems,memberships,scores}/schemas.ts, src/exceptions/apiError.ts). Its objects are open;
 * optional members must be absent rather than null; a parse failure there fails the whole call.
 */

const text = Type.Optional(Type.String());
const flag = Type.Object({ available: Type.Boolean() });

const lineItem = Type.Object({
  id: Type.String(),
  label: Type.String(),
  scoreMaximum: Type.Number(),
  resourceLinkId: text,
  resourceId: text,
  tag: text,
  startDateTime: text,
  endDateTime: text,
  gradesReleased: Type.Optional(Type.Boolean()),
});

const pageLinks = { next: text, first: text, last: text, prev: text };

const result = Type.Object({
  id: Type.String(),
  userId: Type.String(),
  scoreOf: Type.String(),
  resultScore: Type.Optional(Type.Number()),
  resultMaximum: Type.Optional(Type.Number()),
  comment: text,
});

const member = Type.Object({
  userId: Type.String(),
  roles: Type.Array(Type.String()),
  status: text,
  email: text,
  name: text,
  givenName: text,
  familyName: text,
  middleName: text,
  picture: text,
  lisPersonSourcedId: text,
  lti11LegacyUserId: text,
});

const idToken = Type.Object({
  ltiVersion: Type.String(),
  user: Type.Object({
    id: Type.String(),
    roles: Type.Array(Type.String()),
    name: text,
    email: text,
    givenName: text,
    familyName: text,
  }),
  platform: Type.Object({
    id: text,
    url: text,
    clientId: text,
    deploymentId: text,
    name: text,
    description: text,
    guid: text,
    version: text,
    productFamilyCode: text,
  }),
  launch: Type.Object({
    type: Type.Enum(['LtiResourceLinkRequest', 'LtiDeepLinkingRequest', 'basic-lti-launch-request']),
    target: text,
    context: Type.Optional(
      Type.Object({ id: Type.String(), type: Type.Optional(Type.Array(Type.String())), label: text, title: text }),
    ),
    resourceLink: Type.Optional(Type.Object({ id: Type.String(), title: text, description: text })),
    custom: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    presentation: Type.Optional(Type.Object({ documentTarget: text, width: text, height: text, locale: text })),
  }),
  services: Type.Object({
    outcomes: flag,
    deepLinking: flag,
    assignmentAndGrades: Type.Object({
      available: Type.Boolean(),
      scopes: Type.Optional(Type.Array(Type.String())),
      lineItemId: text,
    }),
    namesAndRoles: flag,
    serviceKey: text,
    legacyServiceKey: text,
  }),
});

const claim = 'https://purl.imsglobal.org/spec/lti/claim';

const rawIdToken = Type.Object({
  ltiVersion: Type.Literal('1.3.0'),
  iss: Type.String(),
  sub: Type.String(),
  aud: Type.String(),
  exp: Type.Number(),
  iat: Type.Number(),
  nonce: Type.String(),
  name: text,
  email: text,
  [`${claim}/message_type`]: Type.Enum(['LtiResourceLinkRequest', 'LtiDeepLinkingRequest']),
  [`${claim}/deployment_id`]: Type.String(),
  [`${claim}/target_link_uri`]: Type.String(),
  [`${claim}/roles`]: Type.Array(Type.String()),
  [`${claim}/context`]: Type.Optional(Type.Object({ id: Type.String() })),
  [`${claim}/resource_link`]: Type.Optional(Type.Object({ id: Type.String() })),
});

/** Validators named after the SDK's own schemas. */
export const sdk = {
  idToken: Compile(idToken),
  rawIdToken: Compile(rawIdToken),
  lineItem: Compile(lineItem),
  lineItemContainer: Compile(Type.Object({ lineItems: Type.Array(lineItem), ...pageLinks })),
  resultContainer: Compile(Type.Object({ scores: Type.Array(result), ...pageLinks })),
  membershipContainer: Compile(
    Type.Object({
      id: Type.String(),
      context: Type.Object({ id: Type.String(), label: text, title: text }),
      members: Type.Array(member),
      next: text,
    }),
  ),
  errorResponse: Compile(
    Type.Object({
      status: Type.Number(),
      error: Type.String(),
      details: Type.Optional(
        Type.Object({
          code: text,
          message: text,
          bodyReceived: Type.Optional(Type.Unknown()),
          bodySent: Type.Optional(Type.Unknown()),
          externalError: Type.Optional(Type.Boolean()),
          externalUrl: text,
        }),
      ),
    }),
  ),
};
