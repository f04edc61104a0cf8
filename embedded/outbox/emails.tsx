import { jalaliDateTime } from '../../core/text/jalali';
import type { OutboxEmail } from './read-messages';
import { persianNumber } from './sms-status';

/** The emails as a mail program shows them. An email is foreign HTML, so a sandboxed frame holds it. */
export function Emails({ emails }: { emails: OutboxEmail[] }) {
  return (
    <section id="emails" aria-labelledby="emails-title" data-version={emails.map(({ id }) => id).join(' ')}>
      <h2 id="emails-title">
        ایمیل‌ها <span class="count">{persianNumber(emails.length)}</span>
      </h2>
      <div data-list>
        {emails.map((email) => (
          <Email key={email.id} email={email} />
        ))}
        {emails.length === 0 && <p class="none">در این صفحه ایمیلی نیست.</p>}
      </div>
    </section>
  );
}

function Email({ email }: { email: OutboxEmail }) {
  const { id, from, to, subject, at, hasHtml, text, headers } = email;
  return (
    <article id={`email-${id}`} class="email" data-version={id}>
      <h3 dir="auto">{subject || 'بدون موضوع'}</h3>
      <dl>
        <dt>از</dt>
        <dd>
          <bdi>{from}</bdi>
        </dd>
        <dt>به</dt>
        <dd>
          {to.map((address) => (
            <a key={address} href={`/dev/outbox?to=${encodeURIComponent(address)}`}>
              <bdi dir="ltr">{address}</bdi>
            </a>
          ))}
        </dd>
        <dt>تاریخ</dt>
        <dd>
          <time dateTime={at.toISOString()}>{jalaliDateTime(at)}</time>
        </dd>
      </dl>
      {hasHtml && (
        <iframe src={`/dev/outbox/email/${id}`} title={`متن ایمیل: ${subject}`} sandbox="" loading="lazy" />
      )}
      {!hasHtml && (
        <pre class="letter" dir="auto">
          {text}
        </pre>
      )}
      <div class="inside">
        {hasHtml && text !== null && (
          <details>
            <summary>متن ساده</summary>
            <pre dir="auto">{text}</pre>
          </details>
        )}
        <details>
          <summary>سرآیندها</summary>
          <pre dir="ltr">
            {Object.entries(headers)
              .map(([name, value]) => `${name}: ${value}`)
              .join('\n')}
          </pre>
        </details>
      </div>
    </article>
  );
}
