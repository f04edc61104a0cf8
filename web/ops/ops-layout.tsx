import type { ComponentChildren } from 'preact';
import { Document } from '../ui/document';
import { PostForm } from '../ui/forms';
import { Logo, SYSTEM_NAME } from '../ui/layout';
import type { SignedInOperator } from './operator-session';

export const SECTIONS = {
  status: ['/ops', 'وضعیت'],
  find: ['/ops/find', 'جستجو'],
  deadLetters: ['/ops/dead-letters', 'مانده‌ها'],
  steering: ['/ops/steering', 'هدایت'],
  queues: ['/ops/queues', 'صف‌ها'],
  audit: ['/ops/audit', 'کارنامه'],
} as const;
export type OpsSection = keyof typeof SECTIONS;

interface OpsLayoutProps {
  title: string;
  /** The signed-in operator; absent on the sign-in page. */
  operator?: SignedInOperator | null | undefined;
  current?: OpsSection | undefined;
  scripts?: readonly string[] | undefined;
  styles?: readonly string[] | undefined;
  children: ComponentChildren;
}

/** A whole page for operators. The children stand in `<main>`, an `<h1>` first. */
export const OpsLayout = ({ title, operator, current, scripts, styles, children }: OpsLayoutProps) => (
  <Document
    title={`${title} | میز راهبری ${SYSTEM_NAME}`}
    class="wide ops"
    isPrivate={Boolean(operator)}
    scripts={scripts}
    styles={styles}
  >
    <header class="site-header">
      <div class="brand-row">
        <a class="brand" href="/ops">
          <Logo />
          <span>
            <small>{SYSTEM_NAME}</small>
            <strong>میز راهبری</strong>
          </span>
        </a>
        {operator && <SignedIn operator={operator} />}
      </div>
      {operator && <Navigation current={current} />}
    </header>
    <main id="main" tabIndex={-1}>
      {children}
    </main>
  </Document>
);

const Navigation = ({ current }: Pick<OpsLayoutProps, 'current'>) => (
  <nav class="site-nav" aria-label="بخش‌های میز راهبری">
    <ul>
      {Object.entries(SECTIONS).map(([section, [href, text]]) => (
        <li key={section}>
          <a href={href} aria-current={section === current ? 'page' : undefined}>
            {text}
          </a>
        </li>
      ))}
    </ul>
  </nav>
);

const SignedIn = ({ operator }: { operator: SignedInOperator }) => (
  <div class="account">
    <p>
      <strong>
        <bdi>{operator.name}</bdi>
      </strong>
      <small>{operator.role === 'operator' ? 'راهبر' : 'بیننده'}</small>
    </p>
    <PostForm action="/ops/logout" session={operator} class="inline">
      <button type="submit" class="button quiet">
        خروج
      </button>
    </PostForm>
  </div>
);
