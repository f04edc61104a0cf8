import { render } from 'preact-render-to-string';
import type { EmailMessage } from '../channels/email-channel';
import { jalaliDate } from '../text/jalali';
import { toPersianDigits } from '../text/normalise';
import { safeGreeting } from '../text/safe-greeting';

/** The contents of an email alert: there is a notice, and where to look for it; never the notice itself. */
export interface EmailContent {
  alertId: string;
  noticeId: string;
  to: string;
  recipientName: string;
  trackingNumber: string;
  sourceTitle: string;
  registeredAt: Date;
}

const ADVICE = 'برای مشاهده مکاتبه، خودتان نشانی رسمی سازمان را در مرورگر باز کنید و به صندوق مکاتبات بروید.';
const CAUTION = 'در پیام‌های سازمان هیچ پیوندی فرستاده نمی‌شود؛ به پیام‌هایی که پیوند دارند اعتماد نکنید.';

/** Composes the email alert. It is self-contained and holds no link, because links are how people are defrauded. */
export function composeEmail(content: EmailContent, domain: string): EmailMessage {
  const { alertId, noticeId, to, recipientName, trackingNumber, sourceTitle, registeredAt } = content;
  const number = toPersianDigits(trackingNumber);
  const rows: [string, string][] = [
    ['شماره پیگیری', number],
    ['سیستم', sourceTitle],
    ['تاریخ ثبت', jalaliDate(registeredAt)],
  ];
  const name = safeGreeting(recipientName);
  const greeting = name === recipientName ? `${name} گرامی` : name;
  const news = 'مکاتبه‌ای در صندوق مکاتبات شما ثبت شد.';
  const text = [
    greeting,
    '',
    news,
    '',
    ...rows.map(([name, value]) => `${name}: ${value}`),
    '',
    ADVICE,
    '',
    CAUTION,
    '',
  ];
  return {
    messageId: `<${alertId}.${noticeId}@${domain}>`,
    to,
    subject: `مکاتبه تازه در صندوق مکاتبات شما؛ شماره پیگیری ${number}`,
    text: text.join('\n'),
    html: `<!doctype html>${render(<Letter greeting={greeting} news={news} rows={rows} />)}`,
  };
}

const page =
  'margin:0;padding:24px;background:#f3f4f6;color:#111827;font-family:Tahoma,Arial,sans-serif;line-height:1.9';
const card =
  'max-width:560px;margin:0 auto;padding:24px;background:#ffffff;border:1px solid #e5e7eb;border-radius:8px';
const cell = 'padding:4px 0 4px 16px;text-align:right;font-weight:normal;color:#4b5563';

function Letter({ greeting, news, rows }: { greeting: string; news: string; rows: [string, string][] }) {
  return (
    <html lang="fa" dir="rtl">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <meta name="color-scheme" content="light" />
        <title>{news}</title>
      </head>
      <body dir="rtl" style={page}>
        <div style={card}>
          <p>{greeting}</p>
          <p style="font-size:18px">{news}</p>
          <table role="presentation" cellPadding="0" cellSpacing="0" style="margin:16px 0">
            {rows.map(([name, value]) => (
              <tr key={name}>
                <th scope="row" style={cell}>
                  {name}
                </th>
                <td style="font-weight:bold">{value}</td>
              </tr>
            ))}
          </table>
          <p>{ADVICE}</p>
          <p style="color:#4b5563;font-size:14px">{CAUTION}</p>
        </div>
      </body>
    </html>
  );
}
