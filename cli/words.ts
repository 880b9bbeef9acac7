import type { LineItemNames } from './passback-client.js';

/** As people write it: `12,300`. */
export const formatCount = (count: number): string => count.toLocaleString('en-US');

/** The first of a column's names that people know; as the console does. */
export function nameOfColumn({ label, resourceId, resourceLinkId, id }: LineItemNames): string {
  return label ?? resourceId ?? resourceLinkId ?? id ?? 'a column without a name';
}

export function toPoints({ scoreGiven, scoreMaximum }: { scoreGiven: number | null; scoreMaximum: number }): string {
  return `${scoreGiven ?? '—'} / ${scoreMaximum}`;
}
