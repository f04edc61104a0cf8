import type { ComponentChildren } from 'preact';
import { ICON_URL, SCRIPT_URL, STYLE_URL } from '../assets/urls';

interface DocumentProps {
  /** The title of the window, whole. */
  title: string;
  class?: string | undefined;
  /** Whether the page is somebody's own: once they have signed out, going back must not show it. */
  isPrivate?: boolean | undefined;
  /** Further scripts of ours, by their addresses. */
  scripts?: readonly string[] | undefined;
  /** Further styles of ours, likewise. */
  styles?: readonly string[] | undefined;
  children: ComponentChildren;
}

/** What every page starts with: the head, and the way past what stands above `<main id="main">`. */
export const Document = ({
  title,
  class: style,
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
    <body class={style} data-private={isPrivate ? '' : undefined}>
      <a class="skip" href="#main">
        رفتن به متن صفحه
      </a>
      {children}
    </body>
  </html>
);
