import { simpleParser } from 'mailparser';
import { createTransport } from 'nodemailer';
import { composeEmail, type EmailContent } from '../../../core/alerts/email-message';

const aContent = (overrides: Partial<EmailContent> = {}): EmailContent => ({
  alertId: '12',
  noticeId: '0190f0d4-0000-7000-8000-000000000001',
  to: 'employer@example.ir',
  recipientName: 'شرکت نمونه',
  trackingNumber: '100000000009',
  sourceTitle: 'سامانه آزمون',
  registeredAt: new Date('2026-03-20T20:45:00Z'),
  ...overrides,
});
const compose = (overrides?: Partial<EmailContent>) => composeEmail(aContent(overrides), 'ablagh.example');

describe('an email alert', () => {
  it('names the tracking number, the source system and the date of the notice', () => {
    const { to, subject, text, html } = compose();
    expect(to).toBe('employer@example.ir');
    expect(subject).toContain('۱۰۰۰۰۰۰۰۰۰۰۹');
    for (const body of [text, html]) {
      expect(body).toContain('شرکت نمونه گرامی');
      expect(body).toContain('۱۰۰۰۰۰۰۰۰۰۰۹');
      expect(body).toContain('سامانه آزمون');
      // The day begins in Tehran.
      expect(body).toContain('۱۴۰۵/۰۱/۰۱');
    }
  });

  it('has the same Message-ID each time, and another one for another alert', () => {
    expect(compose().messageId).toBe('<12.0190f0d4-0000-7000-8000-000000000001@ablagh.example>');
    expect(compose({ recipientName: 'دیگر' }).messageId).toBe(compose().messageId);
    expect(compose({ alertId: '13' }).messageId).not.toBe(compose().messageId);
  });

  it('reads from right to left', () => {
    expect(compose().html).toMatch(/^<!doctype html><html lang="fa" dir="rtl">/);
    expect(compose().html).toMatch(/<body dir="rtl"/);
  });

  it('holds no link, no remote content and no script', () => {
    const { html, text } = compose();
    for (const body of [html, text]) expect(body).not.toMatch(/https?:|www\.|\/\/|@/i);
    expect(html).not.toMatch(/<(?:a|img|link|script|iframe|object|form|base|style)\b/i);
    expect(html).not.toMatch(/\b(?:href|src|srcset|background|action|on\w+)\s*=|url\(|@import/i);
  });

  it('leaves out a name that a mail program would turn into a link', () => {
    const { html, text } = compose({ recipientName: 'شرکت example.ir' });
    for (const body of [html, text]) {
      expect(body).toContain('کارفرمای گرامی');
      expect(body).not.toContain('example.ir');
    }
  });

  it('escapes names and titles', () => {
    const evil = `<img src=x onerror="alert(1)"> & "شرکت" 'الف' </td><script>`;
    const { html, text } = compose({ recipientName: evil, sourceTitle: evil });
    expect(html).not.toMatch(/<img|<script|<\/td><script/);
    expect(html).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;> &amp; &quot;شرکت&quot;');
    expect(text).toContain(evil);
  });

  it('arrives by SMTP as it was composed', async () => {
    const message = compose({ recipientName: 'شرکت «الف» 📄 & پسران' });
    const { message: raw } = await createTransport({ streamTransport: true, buffer: true }).sendMail({
      ...message,
      from: 'notices@ablagh.example',
    });
    const arrived = await simpleParser(raw as Buffer);
    expect(arrived.subject).toBe(message.subject);
    expect(arrived.messageId).toBe(message.messageId);
    expect(arrived.text?.trim()).toBe(message.text.trim());
    expect(String(arrived.html).trim()).toBe(message.html);
  });
});
