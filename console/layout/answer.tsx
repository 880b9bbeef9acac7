import type { VNode } from 'preact';

export interface AnswerProps {
  /** Of the text, once in the page. */
  id: string;
  /** Whom it is for: `the student`. */
  whom: string;
  text: string;
}

/** A text to send on: copied by one click where there is JavaScript, and else from where it is folded out. */
export function Answer({ id, whom, text }: AnswerProps): VNode {
  const rows = Math.min(12, text.split('\n').length + Math.ceil(text.length / 90));
  return (
    <div class="answer">
      <button type="button" class="copy" data-copies={id}>
        Copy the answer for {whom}
      </button>
      <details>
        <summary>Read the answer for {whom}</summary>
        <textarea id={id} aria-label={`The answer for ${whom}`} readonly rows={rows}>
          {text}
        </textarea>
      </details>
    </div>
  );
}
