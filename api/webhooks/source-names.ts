import { createHash } from 'node:crypto';
import { ProblemError } from '../problems.js';

/**
 * Names of sources stand in addresses, so there is one of each. Limited keys name theirs within a room of their own, by the
 * platforms that the source may write to: a name that is taken is taken by a source that they see.
 * @throws {ProblemError} `invalid-webhook-source`, with the name that would do
 */
export function checkSourceName(
  name: string,
  { reach, isLimited }: { reach: readonly string[] | null; isLimited: boolean },
): void {
  const [chosen = '', ending] = name.split('.');
  const wanted = reach && endingOf(reach);
  if (ending === undefined ? !isLimited : ending === wanted) return;
  const detail =
    wanted === null
      ? 'Only a source of some platforms has an ending in its name.'
      : `A source of these platforms has an ending of its own: name it "${chosen}.${wanted}".`;
  throw new ProblemError('invalid-webhook-source', detail, { pointer: '/name' });
}

/** The same for the same platforms, whatever their order. */
function endingOf(platforms: readonly string[]): string {
  const text = JSON.stringify([...new Set(platforms)].toSorted());
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
