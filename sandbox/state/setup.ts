import { families } from '../families/registry.js';
import type {
  ContextSetup,
  LineItemSetup,
  MemberSetup,
  PlatformPatch,
  PlatformSettings,
  PlatformSetup,
} from '../schemas/setup.js';
import type { Member } from '../schemas/views.js';
import type { LineItem, SandboxContext, SandboxPlatform } from './model.js';
import { createPerson, type PersonKind } from './people.js';
import type { SandboxState } from './sandbox-state.js';
import { createTrafficGauge } from './traffic.js';

const defaultSettings: PlatformSettings = {
  active: true,
  outage: 'none',
  limits: null,
  leakyBucket: null,
  anonymous: false,
  lineItemFilter: 'own',
  concludedStatus: 404,
  rosterLimit: null,
  rosterPageSize: null,
  olderDialect: false,
  relativeNext: false,
};

const agsScopes = ['lineitem', 'lineitem.readonly', 'result.readonly', 'score'].map(
  (name) => `https://purl.imsglobal.org/spec/lti-ags/scope/${name}`,
);

/** Registers an LMS (or one more deployment of it) with LTIAAS. */
export function createPlatform(state: SandboxState, setup: PlatformSetup): SandboxPlatform {
  const number = state.store.nextNumber('platform');
  const platformId = setup.platformId ?? `${setup.family}-${number}`;
  const platform: SandboxPlatform = {
    platformId,
    deploymentId: setup.deploymentId ?? '1',
    family: families[setup.family],
    url: setup.url ?? `https://${setup.family}${number === 1 ? '' : `-${number}`}.example`,
    name: setup.name ?? platformId,
    clientId: `client-${number}`,
    settings: { ...defaultSettings },
    traffic: createTrafficGauge(state.now),
  };
  state.store.addPlatform(platform);
  patchPlatform(platform, setup.settings ?? {});
  return platform;
}

export function patchPlatform(platform: SandboxPlatform, patch: PlatformPatch): void {
  platform.settings = { ...platform.settings, ...patch };
}

/** Makes a course with its people and columns. */
export function createContext(state: SandboxState, setup: ContextSetup): SandboxContext {
  const platform = state.store.getPlatform(setup);
  const number = state.store.nextNumber('context');
  const contextId = setup.contextId ?? platform.family.contextId(number);
  const context: SandboxContext = {
    platform,
    contextId,
    number,
    title: setup.title ?? `Course ${number}`,
    concluded: setup.concluded ?? false,
    published: setup.published ?? true,
    services: { ags: true, nrps: true, scopes: agsScopes, ...setup.services },
    members: new Map(),
    lineItems: new Map(),
    resourceLinks: new Set(),
  };
  state.store.addContext(context);
  addPeople(state, context, setup);
  for (const member of setup.members ?? []) addMember(state, context, member);
  for (const lineItem of setup.lineItems ?? []) createLineItem(state, context, lineItem);
  return context;
}

function addPeople(state: SandboxState, context: SandboxContext, setup: ContextSetup): void {
  const wanted: [PersonKind, number][] = [
    ['instructor', setup.instructors ?? 1],
    ['student', setup.students ?? 0],
    ['assistant', setup.assistants ?? 0],
    ['observer', setup.observers ?? 0],
    ['inactive', setup.inactive ?? 0],
    ['testUser', setup.testUser === true ? 1 : 0],
  ];
  for (const [kind, count] of wanted) {
    for (let index = 0; index < count; index += 1) {
      const person = makePerson(state, context, kind);
      context.members.set(person.userId, person);
    }
  }
}

function makePerson(state: SandboxState, context: SandboxContext, kind: PersonKind): Member {
  const { family } = context.platform;
  const number = state.store.nextNumber('person');
  return createPerson(kind, number, family.userId(number), family.name === 'openedx');
}

/** Enrols a person; whatever is not named is made up as for a student. */
export function addMember(state: SandboxState, context: SandboxContext, setup: MemberSetup): Member {
  const member = { ...makePerson(state, context, 'student'), ...setup };
  context.members.set(member.userId, member);
  return member;
}

/** Makes a column, as a teacher in the LMS or the tool itself would. `extra` members are given back as they are. */
export function createLineItem(
  state: SandboxState,
  context: SandboxContext,
  setup: LineItemSetup,
  extra: Record<string, unknown> = {},
): LineItem {
  const number = state.store.nextNumber('lineItem');
  const { label, scoreMaximum, resourceLinkId, resourceId, tag } = setup;
  const lineItem: LineItem = {
    context,
    id: context.platform.family.lineItemUrl(context, number),
    number,
    label,
    scoreMaximum,
    ...(resourceLinkId === undefined ? {} : { resourceLinkId }),
    ...(resourceId === undefined ? {} : { resourceId }),
    ...(tag === undefined ? {} : { tag }),
    extra,
    published: setup.published ?? true,
    deleted: false,
    allowedAttempts: setup.allowedAttempts ?? null,
    canExceed: setup.canExceed ?? false,
    owned: setup.owned ?? true,
    cells: new Map(),
  };
  if (resourceLinkId !== undefined) context.resourceLinks.add(resourceLinkId);
  state.store.addLineItem(lineItem);
  return lineItem;
}
