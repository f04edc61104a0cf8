import { createEmployers } from '../core/employers/employers';
import { acceptNotices } from '../core/notices/accept-notices';
import type { NoticeInput } from '../core/notices/notice-schema';
import type { Database } from '../core/platform/database';
import { createSourceSystems, type IssuedKey } from '../core/sources/source-systems';

const EMPLOYERS = 1_000;
export const WORKSHOP = '0183630045';

/** The nth national ID with a right check digit. */
export function nationalId(n: number): string {
  const stem = String(100_000_000 + n);
  const sum = [...stem].reduce((total, digit, i) => total + Number(digit) * (10 - i), 0);
  const rest = sum % 11;
  return `${stem}${rest < 2 ? rest : 11 - rest}`;
}

/** Empties every table and registers a source system and a thousand employers with a mobile number. */
export async function populate(
  db: Database,
  { email = false } = {},
): Promise<IssuedKey & { sourceId: number }> {
  await db.query(
    'TRUNCATE outbox, attempts, alerts, sms_callbacks, attachments, refusals, notices, workshops, employers, api_keys, source_systems CASCADE',
  );
  const key = await createSourceSystems(db).add('BENCH', 'آزمون', ['notices', 'employers']);
  const employers = createEmployers(db);
  for (let n = 0; n < EMPLOYERS; n += 1) {
    await employers.put(nationalId(n), {
      name: `کارفرمای شماره ${n}`,
      mobile: email ? null : `+98912${String(n).padStart(7, '0')}`,
      email: email ? `employer-${n}@example.ir` : null,
      workshops: [
        { code: WORKSHOP, name: 'کارگاه', agreement: { signedAt: '2024-01-01T00:00:00Z', branch: 'شعبه ۱' } },
      ],
    });
  }
  const [source] = await db.query<{ id: number }>('SELECT id FROM source_systems');
  return { ...key, sourceId: source?.id as number };
}

export const notice = (n: number): NoticeInput => ({
  reference: `BENCH-${n}`,
  recipient: { nationalId: nationalId(n % EMPLOYERS), workshopCode: WORKSHOP },
  subject: 'اعلام سابقه',
});

/** Accepts `count` notices, numbered from `from`, the way every door does. */
export async function acceptMany(
  db: Database,
  source: { id: number; code: string },
  count: number,
  from = 0,
): Promise<void> {
  const deps = {
    db,
    attachments: { put: async () => {}, get: async () => Buffer.alloc(0) },
    wording: {
      template:
        '{name}\nابلاغیه‌ای با شماره پیگیری {trackingNumber} در صندوق مکاتبات شما ثبت شد. برای مشاهده، خودتان نشانی رسمی سازمان را باز کنید.',
      suffix: '',
    },
    alertTtlHours: 72,
  };
  for (let n = from; n < from + count; n += 500) {
    const size = Math.min(500, from + count - n);
    const set = Array.from({ length: size }, (_, i) => ({
      door: 'batch' as const,
      source,
      keyId: 'bench',
      input: notice(n + i),
    }));
    await acceptNotices(deps, set);
  }
}
