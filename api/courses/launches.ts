import { failureOf } from '../../domain/failure.js';
import { faultOfId } from '../../domain/fields.js';
import { standingOf } from '../../domain/membership.js';
import { faultOfServiceKey } from '../../domain/service-key.js';
import type { Deps } from '../app.js';
import type { LaunchToRecord } from '../../db/courses/launches.js';
import type { IdToken } from '../../ltiaas/payloads.js';
import { ProblemError, toProblem, type Problem } from '../problems.js';

/** Trades an ltik for its id token. @throws {ProblemError} when LTIAAS refuses it, or does not answer. */
export async function fetchIdToken(
  { ltiaas, classify }: Pick<Deps, 'ltiaas' | 'classify'>,
  ltik: string,
): Promise<IdToken> {
  try {
    return await ltiaas.getIdToken({ ltik });
  } catch (error) {
    const { type } = classify(error, 'getIdToken');
    const { sentence, advice, retryable } = failureOf(type);
    if (retryable) {
      throw new ProblemError('ltiaas-unavailable', `${sentence} Send the launch again.`, {
        headers: { 'retry-after': '5' },
        cause: error,
      });
    }
    throw new ProblemError('ltik-rejected', `${sentence} ${advice}`, { pointer: '/ltik', cause: error });
  }
}

/** Reads an id token that a caller sends. @throws {ProblemError} that points to what is wrong with it. */
export function parseIdToken(readIdToken: Deps['readIdToken'], value: unknown): IdToken {
  const read = readIdToken(value);
  if (read.ok) return read.value;
  const errors = read.problems.map(({ path, problem }) => ({
    pointer: ['/idToken', ...path.split('.').filter(Boolean)].join('/'),
    detail: `${['idToken', ...path.split('.').filter(Boolean)].join('.')} ${problem}`,
  }));
  const [first] = errors;
  throw new ProblemError('invalid-id-token', first?.detail ?? 'The id token cannot be used.', {
    errors,
    pointer: first?.pointer ?? '/idToken',
  });
}

/** The instant at which an ltik was made. Only for one that LTIAAS has accepted: its signature is not checked here. */
export function issuedAt(ltik: string): Date | undefined {
  const payload = ltik.split('.')[1];
  if (payload === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const iat = typeof claims === 'object' && claims !== null && 'iat' in claims ? claims.iat : undefined;
    return typeof iat === 'number' && iat > 1e9 && iat < 4e9 ? new Date(iat * 1_000) : undefined;
  } catch {
    return undefined;
  }
}

/** What is recorded of a launch. @throws {ProblemError} when it belongs to no context, such as a deep linking request. */
export function toLaunch(
  token: IdToken,
  { launchedAt, familyOf }: { launchedAt: Date; familyOf: Deps['familyOf'] },
): LaunchToRecord {
  const { platform, launch, services, user } = token;
  if (!launch.context) {
    throw new ProblemError('launch-without-context', 'Scores hang on a course: record launches from inside a course.', {
      pointer: '/idToken/launch/context',
    });
  }
  assertStorable(token);
  const { assignmentAndGrades, namesAndRoles, serviceKey } = services;
  const { lineItemId } = assignmentAndGrades;
  return {
    platformId: platform.id,
    platformUrl: platform.url,
    productFamilyCode: platform.productFamilyCode,
    family: familyOf({ productFamilyCode: platform.productFamilyCode, urls: [lineItemId, platform.url] }),
    deploymentId: platform.deploymentId,
    contextId: launch.context.id,
    contextTitle: launch.context.title,
    resourceLinkId: launch.resourceLink?.id,
    resourceLinkTitle: launch.resourceLink?.title,
    serviceKey:
      serviceKey === undefined
        ? undefined
        : {
            secret: serviceKey,
            assignmentAndGrades: assignmentAndGrades.available,
            namesAndRoles: namesAndRoles.available,
            scopes: assignmentAndGrades.scopes,
          },
    lineItemId: lineItemId === '' ? undefined : lineItemId,
    learnerId: user && standingOf(user.roles) === 'learner' ? user.id : undefined,
    launchedAt,
  };
}

/** An index entry has no room for ids without end, and a header none for any text as a key. */
function assertStorable({ platform, launch, services, user }: IdToken): void {
  const ids: readonly (readonly [string, string | undefined])[] = [
    ['/idToken/platform/id', platform.id],
    ['/idToken/platform/deploymentId', platform.deploymentId],
    ['/idToken/launch/context/id', launch.context?.id],
    ['/idToken/launch/resourceLink/id', launch.resourceLink?.id],
    ['/idToken/user/id', user?.id],
    ['/idToken/services/assignmentAndGrades/lineItemId', services.assignmentAndGrades.lineItemId],
  ];
  const { serviceKey } = services;
  const faults = ids.map(([pointer, id]) => [pointer, id === undefined ? undefined : faultOfId(id)] as const);
  const ofKey = serviceKey === undefined ? undefined : faultOfServiceKey(serviceKey);
  for (const [pointer, fault] of [...faults, ['/idToken/services/serviceKey', ofKey] as const]) {
    if (fault === undefined) continue;
    throw new ProblemError('invalid-id-token', `${pointer.slice(1).replaceAll('/', '.')} ${fault}.`, { pointer });
  }
}

/** What a launch that was recorded leaves to be wished for. */
export function warningsOf({ serviceKey }: LaunchToRecord): Problem[] {
  if (serviceKey?.assignmentAndGrades) return [];
  const detail = serviceKey
    ? 'It grants the roster only. Allow the tool to send grades in the LMS, then launch again.'
    : 'It grants neither grades nor roster. Allow both for the tool in the LMS, then launch again.';
  return [toProblem('no-grade-service', detail)];
}
