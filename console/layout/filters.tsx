import type { ComponentChildren, VNode } from 'preact';

/** Asks for a list by its address, so that it can be kept and sent to others. Nothing that names a student goes in here. */
export function Filters({
  path,
  isSet,
  children,
}: {
  path: string;
  isSet: boolean;
  children: ComponentChildren;
}): VNode {
  return (
    <form class="filters" method="get" action={path} aria-label="Filters">
      {children}
      <button>Show</button>
      {isSet && <a href={path}>All</a>}
    </form>
  );
}

interface FieldProps {
  name: string;
  label: string;
  value: string | null;
}

export function Select({
  options,
  ...field
}: FieldProps & { options: readonly { value: string; label: string }[] }): VNode {
  const { name, label, value } = field;
  return (
    <label>
      {label}
      <select name={name}>
        <option value="">any</option>
        {options.map((option) => (
          <option key={option.value} value={option.value} selected={option.value === value}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  );
}

export function TextFilter({ name, label, value }: FieldProps): VNode {
  return (
    <label>
      {label}
      <input name={name} value={value ?? ''} autocomplete="off" spellcheck={false} />
    </label>
  );
}
