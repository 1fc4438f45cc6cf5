// Labelled form fields: label above, hint below, the error in words at the field it belongs to.
import type { ComponentChildren, TargetedEvent } from "preact";
import { useId } from "preact/hooks";
import { Icon } from "./Icon";

type Common = { label: string; hint?: string | undefined; error?: string | undefined };

function Frame(props: Common & { id: string; children: ComponentChildren }) {
  return (
    <div class="field">
      <label class="field__label" for={props.id}>
        {props.label}
      </label>
      {props.children}
      {props.hint && (
        <span class="field__hint" id={`${props.id}-hint`}>
          {props.hint}
        </span>
      )}
      {props.error && (
        <span class="field__error" id={`${props.id}-error`} role="alert">
          <Icon name="warn" />
          {props.error}
        </span>
      )}
    </div>
  );
}

function described(id: string, { hint, error }: Common) {
  return {
    id,
    "aria-invalid": error ? true : undefined,
    "aria-describedby": [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined,
  };
}

/** What a page may set on the field itself. */
type Native<E extends HTMLElement> = {
  name?: string;
  value?: string;
  placeholder?: string;
  maxLength?: number;
  disabled?: boolean;
  required?: boolean;
  autoComplete?: string;
  autoFocus?: boolean;
  onInput?: (event: TargetedEvent<E, Event>) => void;
  onChange?: (event: TargetedEvent<E, Event>) => void;
  onBlur?: (event: TargetedEvent<E, FocusEvent>) => void;
  onKeyDown?: (event: TargetedEvent<E, KeyboardEvent>) => void;
};

type Input = Native<HTMLInputElement> & {
  type?: "text" | "password" | "date" | "datetime-local" | "tel" | "search" | "number";
  inputMode?: "text" | "decimal" | "numeric" | "tel";
  min?: string;
  max?: string;
  list?: string;
};

export function TextField({ label, hint, error, type, ...rest }: Common & Input) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <input
        class="input"
        type={(type ?? "text") as "text"}
        {...rest}
        {...described(id, { label, hint, error })}
      />
    </Frame>
  );
}

export function TextArea({
  label,
  hint,
  error,
  rows,
  ...rest
}: Common & Native<HTMLTextAreaElement> & { rows?: number }) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <textarea class="input" rows={rows ?? 3} {...rest} {...described(id, { label, hint, error })} />
    </Frame>
  );
}

export function Select({
  label,
  hint,
  error,
  options,
  value,
  ...rest
}: Common &
  Omit<Native<HTMLSelectElement>, "placeholder" | "maxLength"> & {
    options: readonly (readonly [string, string])[];
  }) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <select class="input" value={value} {...rest} {...described(id, { label, hint, error })}>
        {options.map(([key, name]) => (
          <option key={key} value={key} selected={key === value}>
            {name}
          </option>
        ))}
      </select>
    </Frame>
  );
}

export function Checkbox(props: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: ComponentChildren;
  name?: string;
}) {
  return (
    <label class="check">
      <input
        type="checkbox"
        name={props.name}
        checked={props.checked}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      <span class="grow">{props.children}</span>
    </label>
  );
}
