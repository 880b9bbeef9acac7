/** The form that pauses something, until then or until somebody resumes it. */
import type { VNode } from 'preact';
import { ActionForm } from '../layout/action-form.js';
import { useVisit } from '../layout/visit-context.js';
import { momentIn, reasonIn, type Action } from '../screen.js';

export interface PauseFormProps {
  of: Action;
  params: Readonly<Record<string, string>>;
  label: string;
}

const HINT = 'Within a second nothing more is sent to it or read from it. Scores go on being accepted.';

export function PauseForm({ of, params, label }: PauseFormProps): VNode {
  const { failed } = useVisit();
  return (
    <ActionForm of={of} params={params} label={label} reason="required" isDangerous hint={HINT}>
      <label>
        Until, in UTC (empty: until somebody resumes it)
        <input name="until" type="datetime-local" value={failed?.fields.get('until') ?? ''} />
      </label>
    </ActionForm>
  );
}

/** What the API is sent. */
export function toPause(fields: URLSearchParams): { reason: string; until?: string } {
  const until = momentIn(fields, 'until');
  return { reason: reasonIn(fields), ...(until !== undefined && { until }) };
}
