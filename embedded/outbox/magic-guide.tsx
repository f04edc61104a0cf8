import { toPersianDigits } from '../../core/text/normalise';
import { MAGIC_MAILBOXES } from '../simulators/magic-mailboxes';
import { MAGIC_RECEIVERS } from '../simulators/magic-receivers';
import { MAILBOX_LABELS, RECEIVER_LABELS } from './magic-labels';

/** The list of magic receivers: each plays a failure of the real world, so that anyone can watch how an alert ends. */
export function MagicGuide() {
  return (
    <section id="magic" class="guide" aria-labelledby="magic-title">
      <h2 id="magic-title">گیرنده‌های ویژه</h2>
      <p>
        هر شماره یا صندوق دیگری پیام را بی‌دردسر می‌گیرد. این‌ها گرفتاری‌های دنیای واقعی را بازی می‌کنند؛ شماره را
        در <code dir="ltr">recipient.mobile</code> و صندوق را در <code dir="ltr">recipient.email</code> یک
        ابلاغیه بگذارید و سرنوشت هشدار را ببینید.
      </p>
      <div class="columns">
        <Rows
          title="شماره‌ها"
          rows={MAGIC_RECEIVERS.map(({ mobile, description }) => [
            toPersianDigits(mobile),
            RECEIVER_LABELS[mobile] ?? description,
          ])}
        />
        <Rows
          title="صندوق‌ها، در هر دامنه"
          rows={MAGIC_MAILBOXES.map(({ localPart, description }) => [
            `${localPart}@…`,
            MAILBOX_LABELS[localPart] ?? description,
          ])}
        />
      </div>
    </section>
  );
}

function Rows({ title, rows }: { title: string; rows: [address: string, plays: string][] }) {
  return (
    <div>
      <h3>{title}</h3>
      <dl>
        {rows.map(([address, plays]) => (
          <div key={address}>
            <dt>
              <bdi dir="ltr">{address}</bdi>
            </dt>
            <dd dir="auto">{plays}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
