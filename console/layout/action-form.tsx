import { randomUUID } from 'node:crypto';
import type { ComponentChildren, VNode } from 'preact';
import { hrefOf, type Action, type Failed } from '../screen.js';
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
  const { reason, children, label } = props;
  const { can, failed } = useVisit();
  if (!can(props.of.scope)) return null;
  const isFolded = reason !== undefined || children !== undefined;
  const isOpen = failed !== null && isOf(failed, props);
  const form = <Form {...props} failure={isOpen ? failed : null} isPrimary={isFolded} />;
  if (!isFolded) return form;
  return (
    <details class="act" open={isOpen}>
      <summary class="button">{label}…</summary>
      {form}
    </details>
  );
}

/** The same where it is what its page is for. */
export function OpenForm(props: ActionFormProps): VNode | null {
  const { can, failed } = useVisit();
  if (!can(props.of.scope)) return <p class="muted">Your key may not do this.</p>;
  return (
    <div class="act card">
      <Form {...props} failure={failed !== null && isOf(failed, props) ? failed : null} isPrimary />
    </div>
  );
}

function isOf(failed: Failed, { of, params, fields = {} }: ActionFormProps): boolean {
  const isSame = failed.action === of && failed.path === hrefOf(of, params);
  return isSame && Object.entries(fields).every(([name, value]) => failed.fields.get(name) === value);
}

function Form(props: ActionFormProps & { failure: Failed | null; isPrimary: boolean }): VNode {
  const { of: action, params, fields = {}, label, hint, reason, confirm, children, failure, isPrimary } = props;
  const { isDangerous = false } = props;
  if (failure) failure.isTold = true;
  return (
    <form
      method="post"
      action={hrefOf(action, params)}
      enctype={action.takesFile && 'multipart/form-data'}
      data-confirm={confirm}
    >
      {failure && <ProblemNotice problem={failure.problem} />}
      <input type="hidden" name="once" value={randomUUID()} />
      {Object.entries(fields).map(([name, value]) => (
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
      {action.takesFile && (
        <label>
          File
          <input type="file" name="file" required />
        </label>
      )}
      <button class={isDangerous ? 'danger' : isPrimary ? 'primary' : undefined}>{label}</button>
    </form>
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
