import fc from 'fast-check';
import { bearer, useApi } from './test-api';

describe('POST /v1/notices', () => {
  const test = useApi();
  const { call } = test;

  it('answers no JSON value whatever with a 5xx', async () => {
    const notice = fc.record(
      {
        reference: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
        recipient: fc.oneof(
          fc.record({
            nationalId: fc.constantFrom('0499370899', '۰۴۹۹۳۷۰۸۹۹'),
            workshopCode: fc.constant('0183630045'),
          }),
          fc.jsonValue(),
        ),
        subject: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
        smsText: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
        priority: fc.oneof(fc.constantFrom('urgent', 'bulk'), fc.jsonValue()),
        attachments: fc.array(
          fc.record({
            fileName: fc.string(),
            contentType: fc.constant('image/png'),
            content: fc.base64String(),
          }),
        ),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.jsonValue(), notice), async (value) => {
        const answer = await call('/v1/notices', {
          method: 'POST',
          headers: { ...bearer(test.apiKey), 'content-type': 'application/json' },
          payload: JSON.stringify(value),
        });
        expect(answer.statusCode).toBeLessThan(500);
      }),
      { numRuns: 300 },
    );
  });
});
