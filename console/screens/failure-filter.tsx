import type { VNode } from 'preact';
import { isFailureType, failureOf } from '../../domain/failure.js';
import { toQuery } from '../api-client.js';
import { Fact, Facts, Instant } from '../layout/parts.js';

/** By what failed scores are listed, counted and retried, besides their state. */
export const FAILURE_FILTERS = ['failureType', 'platformId', 'contextId', 'failedAfter', 'failedBefore'] as const;
type FilterName = (typeof FAILURE_FILTERS)[number];
export type FailureFilter = Readonly<Partial<Record<FilterName, string>>>;

/** What an address or a form says of it. */
export function failureFilterOf(given: URLSearchParams): FailureFilter {
  return Object.fromEntries(
    FAILURE_FILTERS.flatMap((name) => {
      const value = given.get(name);
      return value === null || value === '' ? [] : [[name, value]];
    }),
  );
}

/** Where the scores of it are listed, and where they are retried. */
export const toList = (filter: FailureFilter): string => `/console/scores${toQuery({ state: 'rejected', ...filter })}`;
export const toRetry = (filter: FailureFilter): string => `/console/triage/retry${toQuery(filter)}`;

/** Whether a list of scores is one of failed ones alone, so that a retry can act on all of it. */
export function isOfFailures(query: URLSearchParams): boolean {
  const [state, ...others] = query.getAll('state').filter((one) => one !== '');
  return state === 'rejected' && others.length === 0 && !query.get('waitingFor');
}

export function FilterFacts({ filter }: { filter: FailureFilter }): VNode {
  const { failureType, platformId, contextId, failedAfter, failedBefore } = filter;
  return (
    <Facts>
      <Fact name="Failure">{failureType === undefined ? 'any' : wordsOf(failureType)}</Fact>
      <Fact name="Platform">{platformId ?? 'any that this key sees'}</Fact>
      {contextId !== undefined && <Fact name="Course">{contextId}</Fact>}
      <Fact name="Failed (UTC)">
        <Window after={failedAfter} before={failedBefore} />
      </Fact>
    </Facts>
  );
}

export function Window({ after, before }: { after: string | undefined; before: string | undefined }): VNode {
  if (after === undefined && before === undefined) return <>at any time</>;
  return (
    <>
      {after !== undefined && (
        <>
          from <Instant at={after} />
        </>
      )}{' '}
      {before !== undefined && (
        <>
          until <Instant at={before} />
        </>
      )}
    </>
  );
}

const wordsOf = (type: string): string => (isFailureType(type) ? failureOf(type).sentence : type);
