import { jalaliDateTime } from '../../core/text/jalali';
import { toPersianDigits } from '../../core/text/normalise';
import type { OutboxSms } from './read-messages';
import { persianNumber, smsStatus } from './sms-status';

/** The SMS as their receivers' phones show them: one conversation for each receiver, newest first. */
export function Phones({ sms }: { sms: OutboxSms[] }) {
  const conversations = new Map<string, OutboxSms[]>();
  for (const message of sms) {
    conversations.set(message.receptor, [...(conversations.get(message.receptor) ?? []), message]);
  }
  return (
    <section id="sms" aria-labelledby="sms-title" data-version={conversationVersion(sms)}>
      <h2 id="sms-title">
        پیامک‌ها <span class="count">{persianNumber(sms.length)}</span>
      </h2>
      <div class="phones" data-list>
        {[...conversations].map(([receptor, messages]) => (
          <Phone key={receptor} receptor={receptor} messages={messages} />
        ))}
        {sms.length === 0 && <p class="none">در این صفحه پیامکی نیست.</p>}
      </div>
    </section>
  );
}

function Phone({ receptor, messages }: { receptor: string; messages: OutboxSms[] }) {
  return (
    <article id={`phone-${receptor}`} class="phone" data-version={conversationVersion(messages)}>
      <h3>
        <a href={`/dev/outbox?to=${encodeURIComponent(receptor)}`}>
          <bdi dir="ltr">{toPersianDigits(receptor)}</bdi>
        </a>
        <span class="count">{persianNumber(messages.length)} پیام</span>
      </h3>
      <ol data-list>
        {messages.map((message) => (
          <Bubble key={message.id} message={message} />
        ))}
      </ol>
    </article>
  );
}

function Bubble({ message }: { message: OutboxSms }) {
  const { id, sender, text, at, parts, cost, status } = message;
  const { label, tone } = smsStatus(status);
  return (
    <li id={`sms-${id}`} data-version={status}>
      <p class="sender">
        از خط <bdi dir="ltr">{toPersianDigits(sender)}</bdi>
      </p>
      <p class="bubble" dir="auto">
        {text}
      </p>
      <p class="facts">
        <span class={`status ${tone}`}>{label}</span>
        <time dateTime={at.toISOString()}>{jalaliDateTime(at)}</time>
        <span>{persianNumber(parts)} بخش</span>
        <span>{persianNumber(cost)} ریال</span>
      </p>
    </li>
  );
}

/** Returns a version that changes with the conversation; `refresh.js` leaves elements with an equal version alone. */
const conversationVersion = (messages: OutboxSms[]): string =>
  messages.map(({ id, status }) => `${id}:${status}`).join(' ');
