import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FaultAction } from '../schemas/faults.js';
import type { JournalEntry, RouteName } from '../schemas/journal.js';
import type { FaultSubject } from '../state/faults.js';
import type { Launch, LineItem, SandboxContext } from '../state/model.js';
import type { SandboxState } from '../state/sandbox-state.js';
import type { Throttle } from '../state/traffic.js';
import { external, refusal, unreachable, type RelayAnswer } from './answer.js';
import { authorize } from './authorize.js';
import { end, endingAfter, endingBefore, type Ending } from './fault-answers.js';

/** One LTIAAS call, before it is known whether it goes through. */
export interface RelayCall {
  route: RouteName;
  service: 'ags' | 'nrps' | 'none';
  lineItemId: string | null;
  userId: string | null;
  /** The body of a score call as received, for the journal. */
  score: unknown;
  /** Runs in one go, so that the order of the journal is the order of the gradebook's changes. */
  perform: (target: CallTarget) => RelayAnswer;
}

export interface CallTarget {
  launch: Launch;
  /** The column's course: a key works for every column that the tool has on that platform. */
  context: SandboxContext;
  /** The named column; undefined when the platform has, or ever had, none such. */
  lineItem: LineItem | undefined;
}

/** Takes one call through authorization, traffic, outage, faults and latency, and keeps the journal true. */
export async function runCall(
  state: SandboxState,
  request: FastifyRequest,
  reply: FastifyReply,
  call: RelayCall,
): Promise<FastifyReply> {
  const { launch, refused } = authorize(state, request.headers.authorization, call.service !== 'none');
  const target = launch === undefined ? undefined : toTarget(state, launch, call);
  const subject = toSubject(request, call, target?.context);
  if (target === undefined || refused !== undefined) {
    const answer = refused ?? refusal(401, 'UNAUTHORIZED', 'Unauthorized');
    record(state, subject, call, false).status = await end(reply, { kind: 'answer', answer });
    return reply;
  }
  // The id token comes from LTIAAS's own memory and is no call to the platform.
  if (call.service === 'none') {
    await carryOut(state, reply, { call, target, subject, throttle: undefined });
    return reply;
  }
  const { traffic, settings } = target.context.platform;
  const throttle = traffic.begin(settings);
  try {
    await carryOut(state, reply, { call, target, subject, throttle });
  } finally {
    traffic.end(settings, throttle);
  }
  return reply;
}

/** The call as faults match it, and as the journal names it. */
type Subject = FaultSubject & Pick<JournalEntry, 'url'>;

interface AdmittedCall {
  call: RelayCall;
  target: CallTarget;
  subject: Subject;
  throttle: Throttle | undefined;
}

async function carryOut(state: SandboxState, reply: FastifyReply, admitted: AdmittedCall): Promise<void> {
  const { call, target, subject, throttle } = admitted;
  const latencyMs = state.latencies.draw(call.route, subject.platformId);
  if (latencyMs > 0) await delay(latencyMs / 2);
  const early = endingOfPlatform(call, target, throttle);
  const action = early === undefined ? state.faults.strike(subject) : undefined;
  const before = early ?? (action === undefined ? undefined : endingBefore(action, externalUrl(call, target)));
  let entry: JournalEntry;
  let ending: Ending;
  if (before !== undefined) {
    entry = record(state, subject, call, false, action);
    ending = before;
  } else {
    const answer = call.perform(target);
    entry = record(state, subject, call, answer.applied, action);
    entry.lineItemId = answer.lineItemId ?? entry.lineItemId;
    ending = endingAfter(action, answer);
  }
  const waitMs = latencyMs / 2 + (action?.kind === 'slow' ? action.delayMs : 0);
  if (waitMs > 0) await delay(waitMs);
  entry.status = await end(reply, ending);
}

function toTarget(state: SandboxState, launch: Launch, call: RelayCall): CallTarget {
  const found = call.lineItemId === null ? undefined : state.store.findLineItem(call.lineItemId);
  const lineItem = found?.context.platform === launch.context.platform ? found : undefined;
  return { launch, context: lineItem?.context ?? launch.context, lineItem };
}

function toSubject(request: FastifyRequest, call: RelayCall, context: SandboxContext | undefined): Subject {
  return {
    route: call.route,
    method: request.method,
    url: request.url,
    platformId: context?.platform.platformId ?? null,
    deploymentId: context?.platform.deploymentId ?? null,
    contextId: context?.contextId ?? null,
    lineItemId: call.lineItemId,
    userId: call.userId,
  };
}

function record(
  state: SandboxState,
  subject: Subject,
  call: RelayCall,
  applied: boolean,
  action?: FaultAction,
): JournalEntry {
  const entry = state.journal.append({
    at: new Date(state.now()).toISOString(),
    ...subject,
    score: call.score,
    status: null,
    applied,
  });
  if (action !== undefined) entry.fault = action.kind;
  return entry;
}

/** Where the relay would have called, as its errors name it. */
function externalUrl(call: RelayCall, target: CallTarget): string {
  if (call.lineItemId !== null) return call.lineItemId;
  const { family } = target.context.platform;
  return call.service === 'nrps' ? family.membershipsUrl(target.context) : family.lineItemsUrl(target.context);
}

/** What the state of the platform makes of the call before the LMS has looked at it. */
function endingOfPlatform(call: RelayCall, target: CallTarget, throttle: Throttle | undefined): Ending | undefined {
  const { context } = target;
  const { platform } = context;
  const { active, outage, limits } = platform.settings;
  const answer = (value: RelayAnswer): Ending => ({ kind: 'answer', answer: value });
  if (!active) return answer(refusal(400, 'UNREGISTERED_OR_INACTIVE_PLATFORM', 'The platform is not active.'));
  if (call.service === 'none') return undefined;
  if (!context.services[call.service]) {
    return answer(refusal(403, 'SERVICE_NOT_AVAILABLE_FOR_CONTEXT', 'The platform did not grant this service here.'));
  }
  const url = externalUrl(call, target);
  if (outage === 'silent') return { kind: 'hang' };
  if (outage === 'error') return answer(external({ status: 503, body: 'Service Unavailable' }, url));
  if (outage === 'unreachable') return answer(unreachable(url));
  if (throttle === undefined) return undefined;
  const reply =
    throttle === 'limits' ? { status: 429, body: 'Too Many Requests' } : platform.family.throttled(platform);
  const seconds = throttle === 'limits' ? limits?.retryAfterSeconds : undefined;
  const headers = seconds === undefined ? {} : { headers: { 'retry-after': String(seconds) } };
  return answer({ ...external(reply, url), ...headers });
}
