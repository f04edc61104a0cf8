import { randomUUID } from 'node:crypto';
import { toPersianDigits } from '../../../core/text/normalise';
import { addSource, aNotice, anAttachment, nationalId, registerEmployer } from '../../support/fixtures';
import { acceptAll } from '../../support/inbox';
import { textOf } from '../owner';
import { hiddenFields, useOpsConsole } from './ops-console';

const ops = useOpsConsole();
let serial = 830_000;

/** Sends a notice with all kinds of personal data to a new employer. */
async function aPersonalNotice(count = 1) {
  serial += 1;
  const person = {
    nationalId: nationalId(serial),
    name: 'پروانه دانشور',
    mobile: `0935${String(serial).padStart(7, '0')}`,
    email: `parvaneh${serial}@example.org`,
    subject: 'موضوع محرمانه پرونده',
    smsText: 'متن محرمانه پیامک',
    fileName: 'پرونده-پروانه.pdf',
  };
  const { nationalId: own, name, mobile, email, subject, smsText } = person;
  await registerEmployer(ops.db, { nationalId: own, name, mobile, email });
  const { caller } = await addSource(ops.db);
  const [id] = await acceptAll(
    ops.db,
    caller,
    Array.from({ length: count }, () =>
      aNotice({
        recipient: { nationalId: own },
        subject,
        smsText,
        attachments: [anAttachment(undefined, person.fileName)],
      }),
    ),
  );
  return { ...person, id: id as string };
}

/** Returns the personal data that a page shows, with Persian or Latin digits. */
function leaksOf(body: string, person: Awaited<ReturnType<typeof aPersonalNotice>>): string[] {
  const { id: _, ...secrets } = person;
  return Object.values(secrets)
    .flatMap((text) => [text, toPersianDigits(text), `+98${text.slice(1)}`])
    .filter((text) => body.includes(text));
}

const find = (q: string, by = ops.operator) => by.browser.post('/ops/find', { q });

describe('the search', () => {
  it('redirects to the only notice it finds, and puts the search text in no URL', async () => {
    const { id, mobile, nationalId: own } = await aPersonalNotice();
    for (const key of [mobile, toPersianDigits(own)]) {
      const answer = await find(key);
      expect([answer.statusCode, answer.headers.location]).toEqual([303, `/ops/notices/${id}`]);
      expect(answer.headers['cache-control']).toBe('no-store');
    }
  });

  it('lists several notices, masked, and pages to older ones with a form', async () => {
    const person = await aPersonalNotice(53);
    const { body } = await find(person.mobile);
    expect(body.match(/href="\/ops\/notices\//g)).toHaveLength(50);
    expect(textOf(body)).toContain(`${toPersianDigits(person.nationalId.slice(0, 4))}***`);
    const table = /<table[\s\S]*<\/table>/.exec(body)?.[0] as string;
    expect(leaksOf(table, person)).toEqual([]);
    const hidden = [...body.matchAll(/name="(q|after)" value="([^"]*)"/g)].at(-1)?.[2] as string;
    const older = await ops.operator.browser.post('/ops/find', { q: person.mobile, after: hidden });
    expect(older.statusCode).toBe(200);
    expect(older.body.match(/href="\/ops\/notices\//g)).toHaveLength(3);
  });

  it('reports an empty result, and demands at least three characters', async () => {
    expect(textOf((await find('09120000009')).body)).toContain('یافت نشد');
    const short = await find('۱ ');
    expect(short.statusCode).toBe(400);
    expect(textOf(short.body)).toContain('دست‌کم سه حرف');
    expect((await ops.operator.browser.post('/ops/find', {})).statusCode).toBe(400);
  });

  it('shows the search text as text', async () => {
    const { body } = await find('<script>alert(1)</script>');
    expect(body).not.toContain('<script>alert');
    expect(body).toContain('&lt;script>alert(1)');
  });

  it('is open to viewers and needs a session', async () => {
    const { id, mobile } = await aPersonalNotice();
    expect((await find(mobile, ops.viewer)).headers.location).toBe(`/ops/notices/${id}`);
    const answer = await ops.app.api.app.inject({ url: `/ops/notices/${id}` });
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/ops/login']);
  });
});

describe('the page of a notice', () => {
  it('masks all personal data at first', async () => {
    const person = await aPersonalNotice();
    for (const { browser } of [ops.operator, ops.viewer]) {
      const { body, headers } = await browser.get(`/ops/notices/${person.id}`);
      expect(leaksOf(body, person)).toEqual([]);
      expect(textOf(body)).toContain('پ. د.');
      expect(textOf(body)).toContain(`p***@example.org`);
      expect(headers['cache-control']).toBe('no-store');
    }
  });

  it('explains the code of each attempt, or shows the provider’s message as text, masked', async () => {
    const [alert] = await ops.refusedSms();
    await ops.db.query(
      `INSERT INTO attempts (id, alert_id, provider, at, outcome, code, detail)
       SELECT nextval('attempt_ids'), alert_id, provider, now(), outcome, '499',
              '<script>alert(1)</script><img src=x onerror=alert(2)> to 09990000411 x@secret.example'
         FROM attempts WHERE alert_id = $1`,
      [alert?.alertId],
    );
    const { body } = await ops.operator.browser.get(`/ops/notices/${alert?.noticeId}`);
    expect(body).not.toMatch(/<script>alert|<img/);
    expect(textOf(body)).toContain('<script>alert(1)</script>');
    expect(textOf(body)).toContain('411');
    expect(textOf(body)).toContain('شماره گیرنده درست نیست');
    expect(body).not.toContain('09990000411');
    expect(body).not.toContain('x@secret');
    expect(textOf(body)).toContain('ارائه‌دهنده رد کرد');
    expect(textOf(body)).toContain('هشدار نرسید');
  });

  it('quotes a mail server beside the meaning of its code, masked', async () => {
    const alert = await ops.unknownEmail();
    await ops.db.query(
      `UPDATE attempts SET code = '550', detail = '5.7.1 <x@secret.example> blocked <b>by policy</b>' WHERE alert_id = $1`,
      [alert.alertId],
    );
    const { body } = await ops.operator.browser.get(`/ops/notices/${alert.noticeId}`);
    expect(textOf(body)).toContain('چنین صندوق ایمیلی نیست یا نمی‌پذیرد.');
    expect(body).toMatch(
      /<q [^>]*dir="ltr"[^>]*>5\.7\.1 &lt;x\*\*\*@secret\.example> blocked &lt;b>by policy/,
    );
  });

  it('shows permits and inquiries, and never a passcode', async () => {
    const { id } = await aPersonalNotice();
    const [permit] = await ops.db.query<{ id: string }>(
      `INSERT INTO permits (notice_id, source_id, employer_id, duration, passcode_hash, passcode_cipher, expires_at)
       SELECT id, source_id, employer_id, 'week', 'hash', 'cipher', now() + interval '1 week' FROM notices WHERE id = $1
       RETURNING id`,
      [id],
    );
    await ops.db.query(
      `INSERT INTO inquiries (id, body_name, address, address_group, actor, outcome, permit_id)
       VALUES ($1, 'شهرداری <b>تهران</b>', '192.0.2.9', '192.0.2.9', 'body', 'answered', $2)`,
      [randomUUID(), permit?.id],
    );
    const { body } = await ops.operator.browser.get(`/ops/notices/${id}`);
    expect(textOf(body)).toContain('به مدت یک هفته');
    expect(textOf(body)).toContain('شهرداری <b>تهران</b> : پاسخ گرفت');
    expect(body).not.toContain('192.0.2.9');
    expect(body).not.toContain('cipher');
  });

  it('is not found for invalid ids', async () => {
    for (const id of [randomUUID(), '1', "x'--"]) {
      expect((await ops.operator.browser.get(`/ops/notices/${id}`)).statusCode).toBe(404);
    }
  });
});

describe('unmasking', () => {
  const unmask = async (id: string, fields: Record<string, string> = {}) => {
    const path = `/ops/notices/${id}/unmask`;
    const { body } = await ops.operator.browser.get(path);
    const form = { ...hiddenFields(body), reason: 'پیگیری تماس کارفرما', ...fields };
    return { form, answer: await ops.operator.browser.post(path, form) };
  };

  it('shows everything once, for a reason, and is recorded', async () => {
    const person = await aPersonalNotice();
    const { answer } = await unmask(person.id);
    const text = textOf(answer.body);
    for (const shown of [person.name, person.email, person.subject, person.smsText, person.fileName])
      expect(text).toContain(shown);
    expect(text).toContain(toPersianDigits(person.mobile));
    expect(text).toContain(toPersianDigits(person.nationalId));
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(await ops.lastRecord()).toMatchObject({
      operator: ops.operator.name,
      action: 'unmask',
      subject: `notice:${person.id}`,
      reason: 'پیگیری تماس کارفرما',
      outcome: 'done',
    });
    const after = await ops.operator.browser.get(`/ops/notices/${person.id}`);
    expect(leaksOf(after.body, person)).toEqual([]);
    expect(textOf(after.body)).toContain('پیگیری تماس کارفرما');
  });

  it('shows nothing when its form is sent again', async () => {
    const person = await aPersonalNotice();
    const { form } = await unmask(person.id);
    const count = (await ops.records()).length;
    const again = await ops.operator.browser.post(`/ops/notices/${person.id}/unmask`, form);
    expect([again.statusCode, again.headers.location]).toEqual([303, `/ops/notices/${person.id}`]);
    expect(await ops.records()).toHaveLength(count);
  });

  it('shows nothing of another notice for the same form', async () => {
    const [first, second] = [await aPersonalNotice(), await aPersonalNotice()];
    const { form } = await unmask(first.id);
    const other = await ops.operator.browser.post(`/ops/notices/${second.id}/unmask`, form);
    expect(leaksOf(other.body, second)).toEqual([]);
  });

  it.each([
    ['no reason', ''],
    ['too short a reason', 'ok'],
    ['too long a reason', 'x'.repeat(301)],
    ['a national ID in the reason', 'کد ملی ۰۴۹۹۳۷۰۸۹۹ را بررسی کنید'],
    ['a mobile in the reason', 'تماس از 0912 1234567'.replace(' 1', '1')],
    ['an email in the reason', 'نامه a@example.org'],
  ])('is refused with %s', async (_, reason) => {
    const person = await aPersonalNotice();
    const count = (await ops.records()).length;
    const { answer } = await unmask(person.id, { reason });
    expect(answer.statusCode).toBe(400);
    expect(leaksOf(answer.body, person)).toEqual([]);
    expect(await ops.records()).toHaveLength(count);
  });

  it('accepts a tracking number in the reason', async () => {
    const { id } = await aPersonalNotice();
    const { answer } = await unmask(id, { reason: 'درباره ۱۰۰۰۰۰۰۰۰۰۱۴' });
    expect(answer.statusCode).toBe(200);
  });

  it('is refused to viewers and recorded, whether or not they send the form', async () => {
    const person = await aPersonalNotice();
    const path = `/ops/notices/${person.id}/unmask`;
    const { browser, name } = ops.viewer;
    const form = { requestId: randomUUID(), reason: 'می‌خواهم ببینم' };
    for (const answer of [
      await browser.get(path),
      await browser.post(path, form),
      await browser.post(path, { ...form, csrf: 'forged' }),
    ]) {
      expect(answer.statusCode).toBe(403);
      expect(leaksOf(answer.body, person)).toEqual([]);
    }
    const refused = (await ops.records()).slice(-3);
    expect(refused).toEqual(
      Array(3).fill(
        expect.objectContaining({
          operator: name,
          action: 'unmask',
          subject: `notice:${person.id}`,
          outcome: 'refused',
        }),
      ),
    );
  });

  it('is refused for a forged form', async () => {
    const person = await aPersonalNotice();
    const { answer } = await unmask(person.id, { csrf: 'forged' });
    expect(answer.statusCode).toBe(403);
    expect(leaksOf(answer.body, person)).toEqual([]);
  });
});
