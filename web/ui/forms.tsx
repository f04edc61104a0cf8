import type { ComponentChildren } from 'preact';
import { CSRF_FIELD, csrfToken, type Visitor } from './csrf';

interface PostFormProps {
  action: string;
  /** The sender of the form: `requireSession(request)`, or `visitorOf(request)` where no session is needed. */
  session: Visitor;
  class?: string | undefined;
  children: ComponentChildren;
}

/** A form that changes data. It carries the visitor's CSRF token. */
export const PostForm = ({ action, session, children, ...rest }: PostFormProps) => (
  <form method="post" action={action} {...rest}>
    <input type="hidden" name={CSRF_FIELD} value={csrfToken(session)} />
    {children}
  </form>
);

interface FieldProps {
  name: string;
  label: string;
  /** The explanation below the label. */
  hint?: ComponentChildren | undefined;
  /** The error message, which screen readers read with the field. */
  error?: string | undefined;
  type?: 'text' | 'search' | 'password' | undefined;
  value?: string | undefined;
  required?: boolean | undefined;
  /** Whether the value is a number: written from left to right, in digits of equal width. */
  numeric?: boolean | undefined;
  maxLength?: number | undefined;
  autocomplete?: string | undefined;
  autofocus?: boolean | undefined;
  placeholder?: string | undefined;
  class?: string | undefined;
}

/** A labelled text field of one line. */
export function Field({ name, label, hint, error, required, numeric, class: extra, ...rest }: FieldProps) {
  const { type, ...attributes } = rest;
  const id = `field-${name}`;
  return (
    <div class={classNames('field', error && 'faulty')}>
      <Label for={id} label={label} required={required} />
      <FieldMessages id={id} hint={hint} error={error} />
      <input
        id={id}
        name={name}
        {...inputType(type)}
        dir={numeric ? 'ltr' : 'auto'}
        class={classNames(numeric && 'numeric', extra)}
        required={required ?? false}
        {...(numeric && { inputMode: 'numeric' as const })}
        {...describedBy(id, hint, error)}
        {...definedOnly(attributes)}
      />
    </div>
  );
}

/** Gives the `type` attribute. It is written out because preact's types differ for each kind of input. */
function inputType(type: FieldProps['type']) {
  if (type === 'search') return { type } as const;
  if (type === 'password') return { type } as const;
  return { type: 'text' } as const;
}

interface SelectProps {
  name: string;
  label: string;
  /** Value and text of each option, in order. */
  options: readonly (readonly [value: string, text: string])[];
  value?: string | undefined;
  /** The text of the first option, which has no value. */
  placeholder?: string | undefined;
  hint?: ComponentChildren | undefined;
  error?: string | undefined;
  required?: boolean | undefined;
}

/** A labelled drop-down list. */
export function Select({
  name,
  label,
  options,
  value = '',
  placeholder,
  hint,
  error,
  required,
}: SelectProps) {
  const id = `field-${name}`;
  return (
    <div class={classNames('field', error && 'faulty')}>
      <Label for={id} label={label} required={required} />
      <FieldMessages id={id} hint={hint} error={error} />
      <select id={id} name={name} required={required ?? false} {...describedBy(id, hint, error)}>
        {placeholder !== undefined && <option value="">{placeholder}</option>}
        {options.map(([option, text]) => (
          <option key={option} value={option} selected={option === value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

const Label = ({
  for: id,
  label,
  required,
}: {
  for: string;
  label: string;
  required: boolean | undefined;
}) => (
  <label for={id}>
    {label}
    {required && (
      <span class="required" aria-hidden="true">
        {' *'}
      </span>
    )}
  </label>
);

const FieldMessages = ({
  id,
  hint,
  error,
}: {
  id: string;
  hint: ComponentChildren;
  error: string | undefined;
}) => (
  <>
    {hint && (
      <p class="hint" id={`${id}-hint`}>
        {hint}
      </p>
    )}
    {error && (
      <p class="fault" id={`${id}-fault`}>
        {error}
      </p>
    )}
  </>
);

/** Gives the attributes that connect a field with its hint and error for screen readers. */
function describedBy(id: string, hint: unknown, error: unknown) {
  const ids = classNames(hint ? `${id}-hint` : undefined, error ? `${id}-fault` : undefined);
  return { ...(ids && { 'aria-describedby': ids }), ...(error ? { 'aria-invalid': 'true' as const } : {}) };
}

/** Removes undefined attributes, which preact's types do not accept. */
const definedOnly = <T extends object>(attributes: T) =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };

/** Joins class names, without empty ones; undefined when none is left. */
export const classNames = (...names: (string | false | null | undefined)[]): string | undefined =>
  names.filter(Boolean).join(' ') || undefined;
