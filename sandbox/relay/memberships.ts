import { hasRole } from '../families/roles.js';
import type { Member } from '../schemas/views.js';
import type { SandboxContext } from '../state/model.js';
import { external, ok, type RelayAnswer } from './answer.js';
import { cutPage, readPageUrl } from './paging.js';
import type { CallTarget } from './pipeline.js';

export interface MembershipsQuery {
  role?: string;
  limit?: number;
  resourceLinkId?: string;
  url?: string;
}

/** GET /api/memberships: one page of the roster; only `next` is passed on. */
export function listMemberships(target: CallTarget, query: MembershipsQuery): RelayAnswer {
  const { context } = target;
  const { family, settings } = context.platform;
  const listUrl = family.membershipsUrl(context);
  const given = query.url === undefined ? undefined : readPageUrl(query.url, listUrl);
  if (query.url !== undefined && given === undefined) return external({ status: 404, body: 'Not Found' }, query.url);
  const role = given === undefined ? query.role : (given.get('role') ?? undefined);
  const link = given === undefined ? query.resourceLinkId : (given.get('rlid') ?? undefined);
  if (link !== undefined && !context.resourceLinks.has(link)) {
    // Canvas's text (app/models/lti/providers/memberships_provider.rb); other products have their own.
    return external({ status: 400, body: { errors: { message: 'Requested ResourceLink was not found' } } }, listUrl);
  }
  const members = [...context.members.values()].filter(
    (member) => family.isListed(member) && (role === undefined || hasRole(member, role)),
  );
  const refused = family.refuseRoster(context, members.length);
  if (refused !== undefined) return external(refused, listUrl);
  const habit = family.pages.memberships;
  const size = settings.rosterPageSize;
  const page = cutPage(members, size === null ? habit : { ...habit, byDefault: size, most: size }, listUrl, {
    url: query.url,
    limit: query.limit,
    filters: { role, rlid: link },
  });
  return ok({
    id: page.id,
    context: toContext(context),
    members: page.rows.map((member) => toAnswer(member, settings.anonymous)),
    ...(page.links.next === undefined
      ? {}
      : { next: settings.relativeNext ? pathOf(page.links.next) : page.links.next }),
  });
}

function pathOf(address: string): string {
  const { pathname, search } = new URL(address);
  return `${pathname}${search}`;
}

function toContext(context: SandboxContext): Record<string, string> {
  return { id: context.contextId, label: `C${context.number}`, title: context.title };
}

function toAnswer(member: Member, anonymous: boolean): Record<string, unknown> {
  const { userId, roles, status, name, givenName, familyName, email } = member;
  const certain = { userId, roles, status };
  return anonymous ? certain : { ...certain, name, givenName, familyName, email };
}
