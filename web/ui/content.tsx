import type { ComponentChildren } from 'preact';
import { classNames } from './forms';

interface ButtonProps {
  children: ComponentChildren;
  /** `main` for the purpose of the page, `quiet` for other actions, `danger` for irreversible actions. */
  kind?: 'main' | 'quiet' | 'danger' | undefined;
  /** The field this button adds to the form. */
  name?: string | undefined;
  value?: string | undefined;
}

/** A button that sends the form around it. */
export const Button = ({ children, kind = 'main', ...rest }: ButtonProps) => (
  <button type="submit" class={`button ${kind}`} {...rest}>
    {children}
  </button>
);

/** A link that looks like a button. With `newTab` it opens a tab that gets neither the URL nor the window of this one. */
export const ButtonLink = ({
  href,
  children,
  kind = 'main',
  newTab,
}: {
  href: string;
  children: ComponentChildren;
  kind?: ButtonProps['kind'];
  newTab?: boolean | undefined;
}) => (
  <a
    class={`button ${kind}`}
    href={href}
    {...(newTab && { target: '_blank', rel: 'noopener noreferrer', referrerpolicy: 'no-referrer' })}
  >
    {children}
  </a>
);

interface MessageBoxProps {
  /** A `bad` message is read out at once by screen readers, a `good` one at the next pause. */
  tone?: 'good' | 'bad' | 'caution' | 'plain' | undefined;
  title?: string | undefined;
  children: ComponentChildren;
}

/** A message of the system: «پیام سیستم», an error, a warning. */
export const MessageBox = ({ tone = 'plain', title, children }: MessageBoxProps) => (
  <section class={`message ${tone}`} role={tone === 'bad' ? 'alert' : tone === 'good' ? 'status' : undefined}>
    {title && <h2>{title}</h2>}
    {children}
  </section>
);

/** A list of names and values. Empty values are left out. */
export const DescriptionList = ({
  entries,
  class: className,
}: {
  entries: readonly (readonly [name: string, value: ComponentChildren])[];
  class?: string | undefined;
}) => (
  <dl class={classNames('facts', className)}>
    {entries
      .filter(([, value]) => value !== null && value !== undefined && value !== '')
      .map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
  </dl>
);

/**
 * A text and a button that copies it. The button appears only where it works, with JavaScript.
 *
 * @param props.text the copied text, as other systems accept it: with ASCII digits
 */
export const Copyable = ({ text, shown = text, label }: { text: string; shown?: string; label: string }) => (
  <span class="copyable">
    <bdi dir="ltr" class="code">
      {shown}
    </bdi>
    <button type="button" class="button quiet" data-copy={text} data-copied="رونوشت شد" hidden>
      {label}
    </button>
  </span>
);
