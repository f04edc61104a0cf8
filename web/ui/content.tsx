import type { ComponentChildren } from 'preact';
import { classNames } from './forms';

interface ButtonProps {
  children: ComponentChildren;
  /** `main` for what the page is for, `quiet` for what else may be done, `danger` for what cannot be undone. */
  kind?: 'main' | 'quiet' | 'danger' | undefined;
  /** Sent with the form when this button is pressed. */
  name?: string | undefined;
  value?: string | undefined;
}

/** Sends the form it stands in. */
export const Button = ({ children, kind = 'main', ...rest }: ButtonProps) => (
  <button type="submit" class={`button ${kind}`} {...rest}>
    {children}
  </button>
);

/** A link that looks like a button; elsewhere, it opens a new tab that knows nothing of this one. */
export const ButtonLink = ({
  href,
  children,
  kind = 'main',
  elsewhere,
}: {
  href: string;
  children: ComponentChildren;
  kind?: ButtonProps['kind'];
  elsewhere?: boolean | undefined;
}) => (
  <a
    class={`button ${kind}`}
    href={href}
    {...(elsewhere && { target: '_blank', rel: 'noopener noreferrer', referrerpolicy: 'no-referrer' })}
  >
    {children}
  </a>
);

interface MessageBoxProps {
  /** `alert` is read out at once by a screen reader, the others when it gets there. */
  tone?: 'good' | 'bad' | 'caution' | 'plain' | undefined;
  title?: string | undefined;
  children: ComponentChildren;
}

/** What the system says: «پیام سیستم», a fault, a caution. */
export const MessageBox = ({ tone = 'plain', title, children }: MessageBoxProps) => (
  <section class={`message ${tone}`} role={tone === 'bad' ? 'alert' : tone === 'good' ? 'status' : undefined}>
    {title && <h2>{title}</h2>}
    {children}
  </section>
);

/** Names and values; an empty value is left out. */
export const DescriptionList = ({
  entries,
  class: extra,
}: {
  entries: readonly (readonly [name: string, value: ComponentChildren])[];
  class?: string | undefined;
}) => (
  <dl class={classNames('facts', extra)}>
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
 * A text and a button that copies it. The button shows only where it works: with JavaScript.
 *
 * @param props.text what is copied, as it must be typed elsewhere: ASCII digits
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
