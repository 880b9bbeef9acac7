import type { ComponentChildren, VNode } from 'preact';
import type { Problem } from '../../api/problems.js';

/** Something said above what it is about. Bad news is said at once by screen readers. */
export function Notice({ kind, children }: { kind: 'info' | 'good' | 'bad'; children: ComponentChildren }): VNode {
  return (
    <div class={`notice ${kind}`} role={kind === 'bad' ? 'alert' : 'status'}>
      {children}
    </div>
  );
}

/** What the API said, in its words. */
export function ProblemNotice({ problem }: { problem: Problem }): VNode {
  const { title, detail, errors = [], requestId } = problem;
  const others = errors.map((error) => error.detail).filter((other) => other !== detail);
  return (
    <Notice kind="bad">
      <p>
        <strong>{title}</strong> {detail}
      </p>
      {others.length > 0 && (
        <ul>
          {others.map((other) => (
            <li key={other}>{other}</li>
          ))}
        </ul>
      )}
      {requestId !== undefined && (
        <p class="hint">
          Name this request when you ask about it: <code>{requestId}</code>
        </p>
      )}
    </Notice>
  );
}
