import type { z } from 'zod';
import { type EmployerInput, employerSchema } from '../../core/employers/employer-schema';
import { createEmployers } from '../../core/employers/employers';
import type { NoticeInput } from '../../core/notices/notice-schema';
import type { Database } from '../../core/platform/database';
import { type Caller, createSourceSystems, SCOPES } from '../../core/sources/source-systems';

/** The body of `PUT /v1/employers/{nationalId}` as a system writes it. */
export type EmployerJson = z.input<typeof employerSchema>;

type NoticeOverrides = Partial<Omit<NoticeInput, 'recipient'>> & {
  recipient?: Partial<NoticeInput['recipient']>;
};

let counter = 0;
const next = () => {
  counter += 1;
  return counter;
};

/** A valid body of `POST /v1/notices` with a reference of its own, to the employer `registerEmployer` writes. */
export function aNotice({ recipient, ...overrides }: NoticeOverrides = {}): NoticeInput {
  return {
    reference: `HR-1403-${String(next()).padStart(6, '0')}`,
    recipient: { nationalId: '0499370899', workshopCode: '0183630045', ...recipient },
    subject: 'اعلام سابقه',
    ...overrides,
  };
}

/** A valid body of `PUT /v1/employers/{nationalId}`: one workshop, with a service agreement. */
export function anEmployer(overrides: Partial<EmployerJson> = {}): EmployerJson {
  return {
    name: 'شرکت نمونه',
    mobile: '09121234567',
    email: 'employer@example.ir',
    workshops: [aWorkshop('0183630045')],
    ...overrides,
  };
}

export function aWorkshop(code: string, agreed = true): EmployerJson['workshops'][number] {
  return {
    code,
    name: `کارگاه ${code}`,
    agreement: agreed ? { signedAt: '2024-04-01T08:00:00Z', branch: 'شعبه ۱ تهران' } : null,
  };
}

/** Writes an employer into the register, as the API does. */
export async function registerEmployer(
  db: Database,
  { nationalId = '0499370899', ...overrides }: Partial<EmployerJson> & { nationalId?: string } = {},
): Promise<{ nationalId: string; employer: EmployerInput }> {
  const employer = employerSchema.parse(anEmployer(overrides));
  await createEmployers(db).put(nationalId, employer);
  return { nationalId, employer };
}

/** Adds a source system whose key has every scope. */
export async function addSource(
  db: Database,
  code = `source-${next()}`,
): Promise<{ caller: Caller; apiKey: string; keyId: string }> {
  const sources = createSourceSystems(db);
  const { apiKey, keyId } = await sources.add(code, `سامانه ${code}`, [...SCOPES]);
  const caller = await sources.authenticate(apiKey);
  return { caller: caller as Caller, apiKey, keyId };
}

/**
 * A person's national ID with its check digit.
 *
 * @param n below 1,000,000,000
 * @throws RangeError for the few `n` whose ten digits come out all equal, which no person has
 */
export function nationalId(n: number): string {
  const digits = String(n).padStart(9, '0');
  const rest = [...digits].reduce((sum, digit, i) => sum + Number(digit) * (10 - i), 0) % 11;
  const id = digits + (rest < 2 ? rest : 11 - rest);
  if (/^(\d)\1*$/.test(id)) throw new RangeError(`${id} is nobody's national ID`);
  return id;
}

/** A legal entity's national ID with its check digit, for `n` up to nine million. */
export function legalEntityId(n: number): string {
  const digits = `101${String(n + 10).padStart(7, '0')}`;
  const weights = [29, 27, 23, 19, 17, 29, 27, 23, 19, 17];
  const added = Number(digits[9]) + 2;
  const rest = weights.reduce((sum, weight, i) => sum + weight * (Number(digits[i]) + added), 0) % 11;
  return digits + (rest % 10);
}

export const workshopCode = (n: number): string => String(n).padStart(10, '0');

/** One empty page. */
export const PDF = Buffer.from(
  [
    '%PDF-1.4',
    '1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj',
    '2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj',
    '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj',
    'xref',
    '0 4',
    '0000000000 65535 f ',
    '0000000009 00000 n ',
    '0000000052 00000 n ',
    '0000000101 00000 n ',
    'trailer<</Size 4/Root 1 0 R>>',
    'startxref',
    '162',
    '%%EOF',
    '',
  ].join('\n'),
);

/** One pixel. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** One pixel. */
export const JPEG = Buffer.from(
  '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA=',
  'base64',
);

/** An attachment of a notice; `bytes` says what it holds. */
export function anAttachment(
  bytes: Buffer = PDF,
  fileName = 'form-1.pdf',
  contentType: AttachmentType = typeOf(bytes),
) {
  return { fileName, contentType, content: bytes.toString('base64') };
}

type AttachmentType = NonNullable<NoticeInput['attachments']>[number]['contentType'];

const typeOf = (bytes: Buffer): AttachmentType => {
  if (bytes === PNG) return 'image/png';
  return bytes === JPEG ? 'image/jpeg' : 'application/pdf';
};
