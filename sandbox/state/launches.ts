import { randomBytes } from 'node:crypto';
import { hasRole, role } from '../families/roles.js';
import type { IdToken, LaunchSetup, Member } from '../schemas/views.js';
import { ControlError } from './control-error.js';
import type { Launch, LineItem, SandboxContext } from './model.js';
import type { SandboxState } from './sandbox-state.js';
import { createLineItem } from './setup.js';

/** Launches the tool from a resource link: a new ltik and a new service key; older keys go on working. */
export function createLaunch(state: SandboxState, setup: LaunchSetup): Launch {
  const context = state.store.getContext(setup);
  const resourceLinkId = setup.resourceLinkId ?? `link-${context.number}`;
  context.resourceLinks.add(resourceLinkId);
  if (setup.withLineItem !== undefined && setup.withLineItem !== false) {
    const wanted =
      setup.withLineItem === true ? { label: `Activity ${resourceLinkId}`, scoreMaximum: 100 } : setup.withLineItem;
    if (liveLineItems(context, resourceLinkId).length === 0)
      createLineItem(state, context, { ...wanted, resourceLinkId });
  }
  const { ags, nrps } = context.services;
  const serviceKey = ags || nrps ? randomBytes(24).toString('hex') : null;
  const launch: Launch = {
    context,
    resourceLinkId,
    ltik: randomBytes(24).toString('hex'),
    serviceKey,
    idToken: toIdToken(context, resourceLinkId, getLauncher(context, setup.userId), serviceKey),
    ltikExpired: false,
    keyRevoked: false,
  };
  state.store.addLaunch(launch);
  return launch;
}

function liveLineItems(context: SandboxContext, resourceLinkId: string): LineItem[] {
  return [...context.lineItems.values()].filter((item) => !item.deleted && item.resourceLinkId === resourceLinkId);
}

function getLauncher(context: SandboxContext, userId: string | undefined): Member {
  const members = [...context.members.values()];
  const found =
    userId === undefined
      ? (members.find((member) => hasRole(member, role.instructor)) ?? members[0])
      : context.members.get(userId);
  if (found === undefined) throw new ControlError(404, 'Nobody in the course can launch: name a member.');
  return found;
}

function toIdToken(
  context: SandboxContext,
  resourceLinkId: string,
  member: Member,
  serviceKey: string | null,
): IdToken {
  const { platform, services } = context;
  const { userId: id, roles, name, givenName, familyName, email } = member;
  const columns = liveLineItems(context, resourceLinkId);
  // AGS 3.1: the claim names a column only if exactly one belongs to the link.
  const lineItemId = columns.length === 1 ? columns[0]?.id : undefined;
  const { productFamilyCode, version } = platform.family;
  return {
    ltiVersion: '1.3.0',
    user: platform.settings.anonymous ? { id, roles } : { id, roles, name, givenName, familyName, email },
    platform: {
      id: platform.platformId,
      url: platform.url,
      clientId: platform.clientId,
      deploymentId: platform.deploymentId,
      name: platform.name,
      guid: `${platform.platformId}.guid`,
      ...(version === undefined ? {} : { version }),
      ...(productFamilyCode === undefined ? {} : { productFamilyCode }),
    },
    launch: {
      type: 'LtiResourceLinkRequest',
      target: 'https://tool.example/launch',
      context: { id: context.contextId, label: `C${context.number}`, title: context.title, type: ['CourseSection'] },
      resourceLink: { id: resourceLinkId, title: columns[0]?.label ?? resourceLinkId },
      custom: {},
      presentation: { documentTarget: 'iframe', locale: 'en' },
    },
    services: {
      deepLinking: { available: false },
      outcomes: { available: false },
      namesAndRoles: { available: services.nrps },
      assignmentAndGrades: {
        available: services.ags,
        ...(services.ags && services.scopes !== null ? { scopes: services.scopes } : {}),
        ...(services.ags && lineItemId !== undefined ? { lineItemId } : {}),
      },
      ...(serviceKey === null ? {} : { serviceKey }),
    },
  };
}
