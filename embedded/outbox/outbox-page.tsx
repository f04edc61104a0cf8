import { Emails } from './emails';
import { MagicGuide } from './magic-guide';
import { REFRESH_SCRIPT, STYLE } from './outbox-assets';
import { Phones } from './phones';
import type { OutboxMessages, OutboxQuery } from './read-messages';
import { persianNumber } from './sms-status';

export interface OutboxView {
  query: OutboxQuery;
  /** Null when the simulators do not answer. */
  messages: OutboxMessages | null;
  /** The URL of the API, for the example command. */
  apiUrl: string;
}

/** The whole page. Received content is rendered as text; only the sandboxed frames hold foreign HTML. */
export function OutboxPage(view: OutboxView) {
  const { query } = view;
  return (
    <html lang="fa" dir="rtl">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>پیام‌های فرستاده‌شده</title>
        <noscript>
          <meta http-equiv="refresh" content="5" />
        </noscript>
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <a class="skip" href="#messages">
          رفتن به پیام‌ها
        </a>
        <header>
          <h1>پیام‌های فرستاده‌شده</h1>
          <p>
            هر پیامک و ایمیلی که شبیه‌سازها گرفته‌اند، همان‌گونه که گیرنده می‌بیند. هیچ‌یک از اینجا بیرون نرفته
            است.
          </p>
          <Filter to={query.to} />
          <p id="live" role="status" />
        </header>
        <main>
          <div id="messages" tabIndex={-1}>
            <Messages {...view} />
          </div>
          <MagicGuide />
        </main>
        <script dangerouslySetInnerHTML={{ __html: REFRESH_SCRIPT }} />
      </body>
    </html>
  );
}

function Filter({ to }: { to: string }) {
  return (
    <search>
      <form action="/dev/outbox" method="get">
        <label for="to">گیرنده</label>
        <input
          id="to"
          name="to"
          type="search"
          value={to}
          dir="auto"
          maxLength={254}
          autocomplete="off"
          placeholder="موبایل یا ایمیل"
        />
        <button type="submit">نمایش</button>
        {to && <a href="/dev/outbox">همه گیرنده‌ها</a>}
      </form>
    </search>
  );
}

function Messages({ query, messages, apiUrl }: OutboxView) {
  if (!messages) {
    return (
      <div id="away" class="notice bad" data-version="away">
        <h2>شبیه‌سازها در دسترس نیستند</h2>
        <p>تا برگشتن آن‌ها چیزی برای نشان دادن نیست. این صفحه خودش دوباره نگاه می‌کند.</p>
      </div>
    );
  }
  if (messages.sms.length + messages.emails.length === 0)
    return <EmptyOutbox query={query} apiUrl={apiUrl} />;
  return (
    <>
      <nav id="jump" aria-label="بخش‌های صفحه" data-version="jump">
        <a href="#sms">پیامک‌ها</a>
        <a href="#emails">ایمیل‌ها</a>
        <a href="#magic">گیرنده‌های ویژه</a>
      </nav>
      <div id="both" class="both" data-version={`${query.to} ${versionOf(messages)}`}>
        <div data-list class="lists">
          <Phones sms={messages.sms} />
          <Emails emails={messages.emails} />
        </div>
      </div>
      <PageLinks query={query} more={messages.more} />
    </>
  );
}

const versionOf = ({ sms, emails }: OutboxMessages): string =>
  [...sms.map(({ id, status }) => `${id}:${status}`), ...emails.map(({ id }) => id)].join(' ');

function EmptyOutbox({ query, apiUrl }: Pick<OutboxView, 'query' | 'apiUrl'>) {
  if (query.to || query.page > 1) {
    return (
      <div id="nothing" class="notice" data-version="nothing">
        <h2>پیامی پیدا نشد</h2>
        <p>
          {query.to ? 'برای این گیرنده چیزی فرستاده نشده است. ' : 'در این صفحه چیزی نیست. '}
          <a href="/dev/outbox">همه پیام‌ها</a>
        </p>
      </div>
    );
  }
  return (
    <div id="nothing" class="notice" data-version="nothing">
      <h2>هنوز پیامی فرستاده نشده است</h2>
      <p>
        ابلاغیه‌ای بفرستید؛ پیامک و ایمیل آن تا چند ثانیه دیگر همین‌جا پدیدار می‌شود. کلید را در{' '}
        <code dir="ltr">KEY</code> بگذارید: هنگام اجرای <code dir="ltr">npm start</code> نوشته شده است.
      </p>
      <pre dir="ltr" class="command">
        {exampleCommand(apiUrl)}
      </pre>
    </div>
  );
}

const exampleCommand = (apiUrl: string) =>
  [
    `curl -sS ${apiUrl}/v1/notices \\`,
    `  -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\`,
    `  -d '{"reference":"HELLO-1","recipient":{"nationalId":"0499370899","workshopCode":"0183630045"},"subject":"اعلام سابقه"}'`,
  ].join('\n');

function PageLinks({ query: { to, page }, more }: { query: OutboxQuery; more: boolean }) {
  if (page === 1 && !more) return null;
  const address = (number: number) =>
    `/dev/outbox?${new URLSearchParams({ ...(to && { to }), page: String(number) })}`;
  return (
    <nav id="pages" aria-label="صفحه‌ها" data-version={`${page} ${more}`}>
      {page > 1 && <a href={address(page - 1)}>تازه‌ترها</a>}
      <span>صفحه {persianNumber(page)}</span>
      {more && <a href={address(page + 1)}>قدیمی‌ترها</a>}
    </nav>
  );
}
