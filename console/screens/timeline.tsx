import type { Static } from 'typebox';
import type { VNode } from 'preact';
import type { StorySchema } from '../../api/schemas/story.js';
import { Instant } from '../layout/parts.js';

type Story = Static<typeof StorySchema>;
type Entry = Story['timeline'][number];

/** What happened, oldest first. */
export function Timeline({ timeline, leftOut }: Pick<Story, 'timeline' | 'leftOut'>): VNode {
  const { revisions, attempts } = leftOut;
  return (
    <>
      {revisions + attempts > 0 && (
        <p class="muted">
          Left out here: {revisions} older revisions and {attempts} older calls.
        </p>
      )}
      <ol class="timeline">
        {timeline.map((entry, place) => (
          <li key={place} class={toneOf(entry)}>
            <Instant at={entry.at} />
            <span>{entry.sentence}</span>
          </li>
        ))}
      </ol>
    </>
  );
}

function toneOf({ kind, answer }: Entry): string | undefined {
  if (kind === 'waiting' || kind === 'differs') return 'warn';
  if (answer === null) return undefined;
  return answer.failureType === null ? 'good' : 'bad';
}
