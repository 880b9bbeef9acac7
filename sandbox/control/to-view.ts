import type { Grade } from '../schemas/journal.js';
import type { ContextSummary, ContextView, LaunchView, LineItemView, PlatformView } from '../schemas/views.js';
import type { Launch, LineItem, SandboxContext, SandboxPlatform } from '../state/model.js';

export function toPlatformView(platform: SandboxPlatform): PlatformView {
  const { platformId, deploymentId, family, url, name, settings, traffic } = platform;
  return { platformId, deploymentId, family: family.name, url, name, settings, traffic: traffic.view() };
}

export function toLineItemView(lineItem: LineItem): LineItemView {
  const { id, label, scoreMaximum, resourceLinkId, resourceId, tag } = lineItem;
  const { published, deleted, allowedAttempts, canExceed, owned } = lineItem;
  return {
    id,
    label,
    scoreMaximum,
    ...(resourceLinkId === undefined ? {} : { resourceLinkId }),
    ...(resourceId === undefined ? {} : { resourceId }),
    ...(tag === undefined ? {} : { tag }),
    published,
    deleted,
    allowedAttempts,
    canExceed,
    owned,
  };
}

function toContextFacts(context: SandboxContext): Omit<ContextView, 'members' | 'lineItems'> {
  const { platform, contextId, title, concluded, published, services } = context;
  return {
    platformId: platform.platformId,
    deploymentId: platform.deploymentId,
    contextId,
    family: platform.family.name,
    title,
    concluded,
    published,
    services,
  };
}

export function toContextSummary(context: SandboxContext): ContextSummary {
  return { ...toContextFacts(context), memberCount: context.members.size, lineItemCount: context.lineItems.size };
}

export function toContextView(context: SandboxContext): ContextView {
  return {
    ...toContextFacts(context),
    members: [...context.members.values()],
    lineItems: [...context.lineItems.values()].map(toLineItemView),
  };
}

export function toLaunchView(launch: Launch): LaunchView {
  const { ltik, serviceKey, idToken } = launch;
  return { ltik, serviceKey, lineItemId: idToken.services.assignmentAndGrades.lineItemId ?? null, idToken };
}

/** Every cell of the course that was ever written, column by column. */
export function* toGrades(context: SandboxContext): Generator<Grade> {
  for (const lineItem of context.lineItems.values()) {
    for (const [userId, cell] of lineItem.cells) {
      yield {
        platformId: context.platform.platformId,
        contextId: context.contextId,
        lineItemId: lineItem.id,
        userId,
        scoreGiven: cell.scoreGiven,
        scoreMaximum: cell.scoreMaximum,
        resultScore: cell.resultScore,
        resultMaximum: lineItem.scoreMaximum,
        comment: cell.comment,
        comments: cell.comments,
        submissions: cell.submissions,
        posts: cell.posts,
        changedBy: cell.changedBy,
      };
    }
  }
}
