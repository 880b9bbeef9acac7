import type { Problem } from '../../api/problems.js';
import type { Content } from '../screen.js';

/** A whole page, where there is nothing else to show. */
export function problemContent({ title, detail, requestId }: Problem): Content {
  return {
    title,
    body: (
      <section class="card problem">
        <h1>{title}</h1>
        <p>{detail}</p>
        {requestId !== undefined && (
          <p class="hint">
            Name this request when you ask about it: <code>{requestId}</code>
          </p>
        )}
        <p>
          <a href="/console">Go to the overview</a>
        </p>
      </section>
    ),
  };
}
