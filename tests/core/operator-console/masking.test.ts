import {
  maskAddress,
  maskEmail,
  maskFreeText,
  maskMobile,
  maskName,
  maskNationalId,
} from '../../../core/operator-console/masking';

describe('a mask', () => {
  it('leaves of a national ID what tells two apart', () => {
    expect(maskNationalId('0499370899')).toBe('0499***899');
    expect(maskNationalId('10380284790')).toBe('1038***790');
  });

  it('leaves of a mobile its beginning and end, as people write it', () => {
    expect(maskMobile('+989121234567')).toBe('0912***4567');
    expect(maskAddress('+989121234567')).toBe('0912***4567');
  });

  it('leaves of an email address its first letter and its domain', () => {
    expect(maskEmail('arash.n@example.org')).toBe('a***@example.org');
    expect(maskAddress('"a@b"@example.org')).toBe('"***@example.org');
    expect(maskEmail('😀x@example.org')).toBe('😀***@example.org');
  });

  it('leaves of a name the first letter of each word', () => {
    expect(maskName('شرکت  نمونه‌پور ')).toBe('ش. ن.');
    expect(maskName('')).toBe('');
  });

  it('covers addresses and numbers in what others wrote, and nothing else', () => {
    const said = '550 5.1.1 <arash@example.org>: unknown; tel 09121234567, ۰۴۹۹۳۷۰۸۹۹ (code 411)';
    expect(maskFreeText(said)).toBe(
      '550 5.1.1 <a***@example.org>: unknown; tel 0912***567, ۰۴۹۹***۸۹۹ (code 411)',
    );
  });
});
