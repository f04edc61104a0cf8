import type { ComponentChildren } from 'preact';
import { localMobile } from '../../core/text/identifiers';
import { toPersianDigits } from '../../core/text/normalise';
import { Document } from './document';
import { PostForm } from './forms';
import type { Session } from './session';
import { Ltr } from './text';

export type Section = 'home' | 'employers' | 'inbox' | 'inquiry' | 'login';

interface LayoutProps {
  /** The title of the page. In the title of the window the name of the system follows. */
  title: string;
  /** The current session, whose name and logout button appear in the header. */
  session?: Session | null | undefined;
  /** The navigation entry of this page. */
  current?: Section | undefined;
  /** Whether the page is as wide as a table needs, instead of as wide as a text. */
  wide?: boolean | undefined;
  children: ComponentChildren;
}

export const SYSTEM_NAME = 'سامانه ابلاغ الکترونیک کارفرمایان';

/** A complete page with header and footer. The children fill `<main>` and begin with an `<h1>`. */
export function Layout({ title, session, current, wide, children }: LayoutProps) {
  return (
    <Document
      title={`${title} | ${SYSTEM_NAME}`}
      class={wide ? 'wide' : undefined}
      isPrivate={Boolean(session)}
    >
      <Header session={session} current={current} />
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <Footer current={current} />
    </Document>
  );
}

function Header({ session, current }: Pick<LayoutProps, 'session' | 'current'>) {
  return (
    <header class="site-header">
      <div class="brand-row">
        <a class="brand" href="/">
          <Logo />
          <span>
            <small>سازمان تأمین اجتماعی</small>
            <strong>{SYSTEM_NAME}</strong>
          </span>
        </a>
        {session && <AccountBox session={session} />}
      </div>
      <nav class="site-nav" aria-label="بخش‌های سامانه">
        <ul>
          <li>
            <a href="/" aria-current={current === 'home' ? 'page' : undefined}>
              صفحه نخست
            </a>
          </li>
          <UnavailableService name="بیمه شدگان" />
          <li>
            <a
              href="/#employers"
              aria-current={current === 'employers' || current === 'inbox' ? 'true' : undefined}
            >
              کارفرمایان
            </a>
          </li>
          <UnavailableService name="مستمری بگیران" />
        </ul>
      </nav>
    </header>
  );
}

/** A service of the organisation that this system does not offer. It has no link, but is named because people look for it. */
const UnavailableService = ({ name }: { name: string }) => (
  <li>
    <span class="elsewhere">
      {name} <small>در این سامانه نیست</small>
    </span>
  </li>
);

function AccountBox({ session }: { session: Session }) {
  const legal = session.nationalId.length === 11;
  return (
    <div class="account">
      <p>
        <strong>{session.name}</strong>
        <small>
          {legal ? 'موبایل نماینده: ' : 'موبایل: '}
          <Ltr>{toPersianDigits(localMobile(session.mobile))}</Ltr>
        </small>
        <small>
          <a href="/logout">خروج از همه دستگاه‌ها</a>
        </small>
      </p>
      <a class="button quiet" href="/inbox">
        صندوق مکاتبات
      </a>
      <PostForm action="/logout" session={session} class="inline">
        <button type="submit" class="button quiet">
          خروج
        </button>
      </PostForm>
    </div>
  );
}

const Footer = ({ current }: Pick<LayoutProps, 'current'>) => (
  <footer class="site-footer">
    <a href="/inquiry" aria-current={current === 'inquiry' ? 'page' : undefined}>
      پنل مخصوص دستگاههای دولتی و مرجع استعلامات رسمی
    </a>
    <p>در پیامک‌ها و ایمیل‌های سازمان هیچ پیوندی فرستاده نمی‌شود؛ نشانی این سامانه را خودتان باز کنید.</p>
  </footer>
);

/** A sealed envelope. */
export const Logo = () => (
  <svg class="mark" viewBox="0 0 40 40" width="40" height="40" aria-hidden="true" focusable="false">
    <rect width="40" height="40" rx="10" class="mark-ground" />
    <path d="M9 13.5h22v14H9z M9 13.5l11 8.5 11-8.5" class="mark-line" />
    <circle cx="20" cy="26" r="3.25" class="mark-seal" />
  </svg>
);
