import { anEmployer } from '../support/fixtures';
import { useApi } from './test-api';

describe('PUT /v1/employers', () => {
  const test = useApi();
  const { call } = test;

  const put = (nationalId: string, payload: object) =>
    call(`/v1/employers/${encodeURIComponent(nationalId)}`, { method: 'PUT', payload });

  it('answers with the stored employer, normalised', async () => {
    const workshops = [
      {
        code: '۰۱۸۳۶۳۰۰۴۵',
        name: 'کارگاه',
        agreement: { signedAt: '2024-04-01T11:30:00+03:30', branch: 'شعبه ۱' },
      },
      { code: '0183630046', name: 'بی‌تفاهم‌نامه', agreement: null },
    ];
    const answer = await put('۰۴۹۹۳۷۰۸۹۹', anEmployer({ mobile: '۰۹۱۲ ۱۲۳ ۴۵۶۷', workshops }));
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      nationalId: '0499370899',
      name: 'شرکت نمونه',
      mobile: '+989121234567',
      email: 'employer@example.ir',
      workshops: [
        {
          code: '0183630045',
          name: 'کارگاه',
          agreement: { signedAt: '2024-04-01T08:00:00.000Z', branch: 'شعبه ۱' },
        },
        { code: '0183630046', name: 'بی‌تفاهم‌نامه', agreement: null },
      ],
    });
  });

  it('answers 422 to an address without a national ID, and 400 to a body that is wrong', async () => {
    expect((await put('1111111111', anEmployer())).json()).toMatchObject({
      status: 422,
      code: 'invalid_national_id',
    });
    const wrong = await put('0499370899', { ...anEmployer({ mobile: '123' }), colour: 1 });
    expect(wrong.json()).toMatchObject({ status: 400, code: 'invalid_request' });
    expect(
      wrong
        .json()
        .errors.map(({ path }: { path: string }) => path)
        .sort(),
    ).toEqual(['colour', 'mobile']);
  });
});
