import { randomUUID } from 'node:crypto';
import type { ComponentChildren, VNode } from 'preact';
import { hrefOf, type Action } from '../screen.js';
import { ProblemNotice } from './notice.js';
import { useVisit } from './visit-context.js';

export interface ActionFormProps {
  of: Action;
  params?: Readonly<Record<string, string>> | undefined;
  /** Sent along, unseen. The same action may stand several times under one address: they tell its forms apart. */
  fields?: Readonly<Record<string, string>>;
  /** What the button says. */
  label: string;
  /** What happens then, in a sentence. */
  hint?: string;
  /** Asks why; kept in the audit trail. */
  reason?: 'required' | 'optional';
  isDangerous?: boolean;
  /** It is what its page is for: shown as it is, though it asks for something. */
  isUnfolded?: boolean;
  /** Asked by the browser before a form goes that has nothing to fill in. */
  confirm?: string;
  /** More fields. */
  children?: ComponentChildren;
}

/**
 * The form of an action: nothing for who may not do it. What asks for something is folded away under its label until it is
 * wanted, and is shown again with the reason where the API would not do it.
 */
export function ActionForm(props: ActionFormProps): VNode | null {
  const { of: action, params, fields = {}, label, hint, reason, confirm, children } = props;
  const { isDangerous = false, isUnfolded = false } = props;
  const { can, failed } = useVisit();
  if (!can(action.scope)) return null;
  const href = hrefOf(action, params);
  const hidden = Object.entries(fields);
  const isOfIt = failed?.action === action && failed.path === href;
  const failure = isOfIt && hidden.every(([name, value]) => failed.fields.get(name) === value) ? failed : null;
  if (failure) failure.isTold = true;
  const isFolded = reason !== undefined || children !== undefined;
  const form = (
    <form method="post" action={href} data-confirm={confirm}>
      {failure && <ProblemNotice problem={failure.problem} />}
      <input type="hidden" name="once" value={randomUUID()} />
      {hidden.map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {hint !== undefined && <p class="hint">{hint}</p>}
      {children}
      {reason && (
        <Reason
          isRequired={reason === 'required'}
          value={failure?.fields.get('reason') ?? ''}
          isWrong={failure !== null}
        />
      )}
      <button class={isDangerous ? 'danger' : isFolded ? 'primary' : undefined}>{label}</button>
    </form>
  );
  if (!isFolded) return form;
  if (isUnfolded) return <div class="act card">{form}</div>;
  return (
    <details class="act" open={failure !== null}>
      <summary class="button">{label}…</summary>
      {form}
    </details>
  );
}

function Reason({ isRequired, value, isWrong }: { isRequired: boolean; value: string; isWrong: boolean }): VNode {
  return (
    <label>
      Why{isRequired ? '' : ' (optional)'}
      <input
        name="reason"
        value={value}
        required={isRequired}
        maxlength={1_000}
        autocomplete="off"
        autofocus={isWrong}
      />
    </label>
  );
}
