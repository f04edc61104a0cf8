import type { NoticeInput } from '../../../core/notices/notice-schema';
import type { Database } from '../../../core/platform/database';
import { createSourceSystems } from '../../../core/sources/source-systems';
import { localMobile } from '../../../core/text/identifiers';
import { samplePdf, samplePng } from '../../../embedded/demo/sample-files';
import { bearer, type TestApi } from '../../api/test-api';
import { aNotice, anAttachment, aWorkshop, nationalId, registerEmployer } from '../../support/fixtures';
import { registeredAt } from '../../support/inbox';

/** The inbox of one employer, with enough notices for two pages. */
export interface Scene {
  /** The newest notice, with a text, a PDF and a picture. */
  noticeId: string;
  /** A notice of the previous portal. */
  legacyId: string;
}

let people = 400_000;

/** Registers a new employer. @returns its national ID, which names its inbox */
export async function anEmployerOf(db: Database): Promise<string> {
  people += 1;
  const owner = nationalId(people);
  await registerEmployer(db, {
    nationalId: owner,
    name: 'آرش نمونه‌پور',
    mobile: `0912${String(people).padStart(7, '0')}`,
    email: 'arash@example.ir',
    workshops: [
      { ...aWorkshop('0183630045'), name: 'کارگاه صنایع چوب نمونه‌پور' },
      { ...aWorkshop('0183630053', false), name: 'انبار نمونه‌پور' },
    ],
  });
  return owner;
}

/** Sends notices over the HTTP intake, newest last. @returns their ids */
export async function serve(api: TestApi, apiKey: string, notices: NoticeInput[]): Promise<string[]> {
  const ids: string[] = [];
  for (const notice of notices) {
    const answer = await api.app.inject({
      method: 'POST',
      url: '/v1/notices',
      headers: { ...bearer(apiKey), 'content-type': 'application/json' },
      payload: JSON.stringify(notice),
    });
    if (answer.statusCode !== 202) throw new Error(answer.body);
    ids.push(answer.json<{ id: string }>().id);
  }
  return ids;
}

export async function setScene(api: TestApi, db: Database, owner: string): Promise<Scene> {
  const records = await sourceKey(db, 'سابقه');
  const inspection = await sourceKey(db, 'بازرسی از دفاتر قانونی');
  const to = { nationalId: owner };
  const old = await serve(
    api,
    records,
    Array.from({ length: 11 }, () => aNotice({ recipient: to, subject: 'اعلام سابقه' })),
  );
  const [noticeId] = await serve(api, inspection, [
    aNotice({
      recipient: to,
      subject: 'فرم شماره ۱',
      kind: 'debt-notice',
      smsText:
        'کارفرمای گرامی\nفرم شماره ۱ در صندوق مکاتبات شما ثبت شد. خودتان نشانی رسمی سازمان را باز کنید.',
      attachments: [
        anAttachment(samplePdf(), 'فرم شماره ۱.pdf', 'application/pdf'),
        anAttachment(samplePng(), 'تصویر نامه.png', 'image/png'),
      ],
    }),
  ]);
  const days = (count: number) => new Date(Date.now() - count * 86_400_000).toISOString();
  for (const [i, id] of old.entries()) await registeredAt(db, id, days(3 * (old.length - i)));
  const legacyId = old[0] as string;
  await registeredAt(db, legacyId, '2019-04-10T08:00:00Z');
  await db.query(
    'UPDATE notices SET first_viewed_at = registered_at + interval $$2 days$$ WHERE id = ANY($1)',
    [old.slice(3, 6)],
  );
  return { noticeId: noticeId as string, legacyId };
}

let sources = 0;

async function sourceKey(db: Database, title: string): Promise<string> {
  sources += 1;
  return (await createSourceSystems(db).add(`SCENE-${sources}`, title, ['notices'])).apiKey;
}

/** Returns an employer's mobile as the provider's simulator writes it: 09… */
export async function mobileOf(db: Database, nationalId: string): Promise<string> {
  const [row] = await db.query<{ mobile: string }>('SELECT mobile FROM employers WHERE national_id = $1', [
    nationalId,
  ]);
  return localMobile(row?.mobile as string);
}
