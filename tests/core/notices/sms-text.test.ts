import { composeSmsText } from '../../../core/notices/sms-text';

const WORDING = { template: '{name}\nابلاغیه {trackingNumber} ثبت شد.', suffix: 'لغو۱۱' };
const compose = (name: string) => composeSmsText(WORDING, null, name, '100000000009');

describe('the text of an SMS', () => {
  it('greets the employer by name, whatever signs are in it', () => {
    expect(compose('شرکت $& نمونه')).toBe('شرکت $& نمونه\nابلاغیه 100000000009 ثبت شد.\nلغو۱۱');
  });

  it.each(['فروشگاه نمونه‌کالا.ایران', 'example.ir', 'شرکت exam\u200bple.ir', 'www.example'])(
    'uses a general greeting for a name that a phone would make a link of: %j',
    (name) => {
      expect(compose(name)).toBe('کارفرمای گرامی\nابلاغیه 100000000009 ثبت شد.\nلغو۱۱');
    },
  );
});
