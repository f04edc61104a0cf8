import {
  maskAddress,
  maskEmail,
  maskFreeText,
  maskMobile,
  maskName,
  maskNationalId,
} from '../../../core/operator-console/masking';

describe('masking', () => {
  it('keeps enough of a national ID to tell two apart', () => {
    expect(maskNationalId('0499370899')).toBe('0499***899');
    expect(maskNationalId('10380284790')).toBe('1038***790');
  });

  it('keeps the beginning and the end of a mobile, as people write it', () => {
    expect(maskMobile('+989121234567')).toBe('0912***4567');
    expect(maskAddress('+989121234567')).toBe('0912***4567');
  });

  it('keeps the first letter and the domain of an email address', () => {
    expect(maskEmail('arash.n@example.org')).toBe('a***@example.org');
    expect(maskAddress('"a@b"@example.org')).toBe('"***@example.org');
    expect(maskEmail('😀x@example.org')).toBe('😀***@example.org');
  });

  it('keeps the first letter of each word of a name', () => {
    expect(maskName('شرکت  نمونه‌پور ')).toBe('ش. ن.');
    expect(maskName('')).toBe('');
  });

  it('masks only addresses and numbers in a text that others wrote', () => {
    const text = '550 5.1.1 <arash@example.org>: unknown; tel 09121234567, ۰۴۹۹۳۷۰۸۹۹ (code 411)';
    expect(maskFreeText(text)).toBe(
      '550 5.1.1 <a***@example.org>: unknown; tel 0912***567, ۰۴۹۹***۸۹۹ (code 411)',
    );
  });
});
