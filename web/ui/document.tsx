import type { ComponentChildren } from 'preact';
import { ICON_URL, SCRIPT_URL, STYLE_URL } from '../assets/urls';

interface DocumentProps {
  /** The complete title of the window. */
  title: string;
  class?: string | undefined;
  /** Whether the page belongs to a session: after the logout the back button must not show it. */
  isPrivate?: boolean | undefined;
  /** The URLs of further scripts. */
  scripts?: readonly string[] | undefined;
  /** The URLs of further style sheets. */
  styles?: readonly string[] | undefined;
  children: ComponentChildren;
}

/** The HTML document of every page: the head, and the link that skips to `<main id="main">`. */
export const Document = ({
  title,
  class: className,
  isPrivate,
  scripts = [],
  styles = [],
  children,
}: DocumentProps) => (
  <html lang="fa" dir="rtl">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="format-detection" content="telephone=no" />
      <title>{title}</title>
      <link rel="icon" type="image/svg+xml" href={ICON_URL} />
      {[STYLE_URL, ...styles].map((href) => (
        <link key={href} rel="stylesheet" href={href} />
      ))}
      {[SCRIPT_URL, ...scripts].map((src) => (
        <script key={src} src={src} defer />
      ))}
    </head>
    <body class={className} data-private={isPrivate ? '' : undefined}>
      <a class="skip" href="#main">
        رفتن به متن صفحه
      </a>
      {children}
    </body>
  </html>
);
