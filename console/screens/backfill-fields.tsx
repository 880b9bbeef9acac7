import type { VNode } from 'preact';

/** What a new backfill must say of itself, whatever it is made from. */
export function WhyAndWho({ reason, author }: { reason: string; author: string }): VNode {
  return (
    <>
      <label>
        Why (kept for good: no names of students)
        <input name="reason" value={reason} required maxlength={1_000} autocomplete="off" />
      </label>
      <label>
        Who answers for it
        <input name="author" value={author} required maxlength={200} />
      </label>
    </>
  );
}
