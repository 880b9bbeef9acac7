/** Whose grade counts where a person changed one. */
import type { VNode } from 'preact';
import { GRADE_POLICIES, type GradePolicy } from '../../domain/grade-policy.js';
import { ActionForm } from '../layout/action-form.js';
import type { Action } from '../screen.js';

export const POLICY_WORDS: Readonly<Record<GradePolicy, string>> = {
  toolWins: 'the tool’s',
  humanWins: 'a person’s',
  ask: 'somebody decides',
};

const POLICY_SENTENCES: Readonly<Record<GradePolicy, string>> = {
  toolWins: 'The score of the tool replaces what stands there.',
  humanWins: 'What a person gave or changed is left; the gradebook is read before each call.',
  ask: 'The score is held, and somebody decides.',
};

export interface PolicyFormProps {
  of: Action;
  params: Readonly<Record<string, string>>;
  label: string;
  /** Null: as in its course, for what lies in one. */
  policy: GradePolicy | null;
  mayInherit?: boolean;
}

export function PolicyForm({ of, params, label, policy, mayInherit = false }: PolicyFormProps): VNode {
  return (
    <ActionForm of={of} params={params} label={label} reason="required">
      <fieldset>
        <legend>Whose grade counts</legend>
        {mayInherit && (
          <label class="choice">
            <input type="radio" name="gradePolicy" value="" checked={policy === null} /> As in the course
          </label>
        )}
        {GRADE_POLICIES.map((one) => (
          <label key={one} class="choice">
            <input type="radio" name="gradePolicy" value={one} checked={policy === one} /> {POLICY_SENTENCES[one]}
          </label>
        ))}
      </fieldset>
    </ActionForm>
  );
}

/** What the form has chosen; null: as in the course. */
export const policyIn = (fields: URLSearchParams): string | null => fields.get('gradePolicy') || null;
