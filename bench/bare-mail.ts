import { once } from 'node:events';
import { createTransport } from 'nodemailer';
import { composeEmail } from '../core/alerts/email-message';
import { MAIL_FROM } from './system';

/**
 * The baseline of `email`, in a process of its own: nodemailer alone sends messages of the same size over as many pooled connections,
 * and records nothing. The first messages are the warm-up. The process reports to its parent when it is ready, starts on a message,
 * and reports the seconds.
 */
const transport = createTransport({
  url: process.env.SINK_URL,
  pool: true,
  maxConnections: Number(process.env.CONNECTIONS),
  maxMessages: Number.POSITIVE_INFINITY,
} as never);

const mail = composeEmail(
  {
    alertId: '123456',
    noticeId: '0198c0de-0000-7000-8000-000000000000',
    to: 'employer-500@example.ir',
    recipientName: 'کارفرمای شماره 500',
    trackingNumber: '100000000008',
    sourceTitle: 'سامانه آزمون',
    registeredAt: new Date(),
  },
  'example.org',
);

async function send(count: number): Promise<void> {
  let next = 0;
  const sendInTurn = async () => {
    while (next < count) {
      next += 1;
      await transport.sendMail({
        ...mail,
        messageId: `<${next}.${mail.messageId.slice(1)}`,
        from: MAIL_FROM,
      });
    }
  };
  await Promise.all(Array.from({ length: Number(process.env.CONNECTIONS) }, sendInTurn));
}

async function main(): Promise<void> {
  process.on('disconnect', () => process.exit(0));
  await send(Number(process.env.WARM_UP));
  process.send?.({ ready: true });
  await once(process, 'message');
  const began = performance.now();
  await send(Number(process.env.COUNT));
  process.send?.({ seconds: (performance.now() - began) / 1000 });
}

void main();
