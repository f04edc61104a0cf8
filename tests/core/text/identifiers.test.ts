import { verifyIranianLegalId, verifyIranianNationalId } from '@persian-tools/persian-tools';
import fc from 'fast-check';
import {
  isLegalEntityId,
  isNationalId,
  isPersonalNationalId,
  isTrackingNumber,
  localMobile,
  parseMobile,
  toTrackingNumber,
} from '../../../core/text/identifiers';
import { legalEntityId, nationalId } from '../../support/fixtures';

const digits = (length: number) =>
  fc.array(fc.nat(9), { minLength: length, maxLength: length }).map((list) => list.join(''));

/** Changes one digit of `id`. */
const withOneDigitChanged = (id: string) =>
  fc.tuple(fc.nat(id.length - 1), fc.integer({ min: 1, max: 9 })).map(([at, by]) => ({
    at,
    changed: id.slice(0, at) + ((Number(id[at]) + by) % 10) + id.slice(at + 1),
  }));

/** Checks whether two remainders are these two, in either order. */
const areBoth = (a: number, b: number, one: number, other: number) =>
  (a === one && b === other) || (a === other && b === one);

const personal = fc
  .nat(999_999_999)
  .filter((n) => n % 111_111_111 !== 0)
  .map(nationalId);
const legal = fc.nat(9_000_000).map(legalEntityId);

describe('a national ID of a person', () => {
  test.each(['0499370899', '0790419904', '0084575948', '0963695398'])('%s is valid', (id) => {
    expect(isPersonalNationalId(id)).toBe(true);
    expect(isNationalId(id)).toBe(true);
  });

  test.each([
    '0499370898',
    '1111111111',
    '0000000000',
    '499370899',
    '00499370899',
    '',
    '049937089a',
    '۰۴۹۹۳۷۰۸۹۹',
    '0499370899\n',
  ])('%j is not valid', (id) => {
    expect(isPersonalNationalId(id)).toBe(false);
    expect(isNationalId(id)).toBe(false);
  });

  test('has exactly one check digit for nine digits that are not all equal', () => {
    fc.assert(
      fc.property(digits(9), (nine) => {
        fc.pre(!/^(\d)\1*$/.test(nine));
        const valid = [...'0123456789'].filter((check) => isPersonalNationalId(nine + check));
        expect(valid).toHaveLength(1);
      }),
    );
  });

  test('is not valid with another check digit', () => {
    fc.assert(
      fc.property(personal, fc.integer({ min: 1, max: 9 }), (id, by) => {
        expect(isPersonalNationalId(id)).toBe(true);
        expect(isPersonalNationalId(id.slice(0, 9) + ((Number(id[9]) + by) % 10))).toBe(false);
      }),
    );
  });

  test('is not valid with one wrong digit, unless the remainder goes between 1 and 10, which share a check digit', () => {
    const rest = (id: string) =>
      [...id.slice(0, 9)].reduce((sum, digit, i) => sum + Number(digit) * (10 - i), 0) % 11;
    fc.assert(
      fc.property(
        personal.chain((id) => fc.tuple(fc.constant(id), withOneDigitChanged(id))),
        ([id, { at, changed }]) => {
          const blind = at < 9 && areBoth(rest(id), rest(changed), 1, 10);
          fc.pre(!/^(\d)\1*$/.test(changed));
          expect(isPersonalNationalId(changed)).toBe(blind);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('is valid wherever another implementation says so', () => {
    fc.assert(
      fc.property(fc.oneof(digits(10), personal), (id) => {
        if (verifyIranianNationalId(id)) expect(isPersonalNationalId(id)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a national ID of a legal entity', () => {
  test.each(['10380284790', '10100302746'])('%s is valid', (id) => {
    expect(isLegalEntityId(id)).toBe(true);
    expect(isNationalId(id)).toBe(true);
  });

  test.each(['10380284791', '00000000000', '10100000008', '1038028479', '103802847900', '', '۱۰۳۸۰۲۸۴۷۹۰'])(
    '%j is not valid',
    (id) => {
      expect(isLegalEntityId(id)).toBe(false);
      expect(isNationalId(id)).toBe(false);
    },
  );

  test('has exactly one check digit', () => {
    fc.assert(
      fc.property(digits(10), (ten) => {
        fc.pre(ten.slice(3, 9) !== '000000');
        expect([...'0123456789'].filter((check) => isLegalEntityId(ten + check))).toHaveLength(1);
      }),
    );
  });

  test('is not valid with one wrong digit, unless the remainder goes between 0 and 10, which share a check digit', () => {
    const weights = [29, 27, 23, 19, 17, 29, 27, 23, 19, 17];
    const rest = (id: string) =>
      weights.reduce((sum, weight, i) => sum + weight * (Number(id[i]) + Number(id[9]) + 2), 0) % 11;
    fc.assert(
      fc.property(
        legal.chain((id) => fc.tuple(fc.constant(id), withOneDigitChanged(id))),
        ([id, { at, changed }]) => {
          expect(isLegalEntityId(id)).toBe(true);
          fc.pre(changed.slice(3, 9) !== '000000');
          const blind = at < 10 && areBoth(rest(id), rest(changed), 0, 10);
          expect(isLegalEntityId(changed)).toBe(blind);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('is valid where another implementation says so, among texts of eleven digits', () => {
    fc.assert(
      fc.property(fc.oneof(digits(11), legal), (id) => {
        expect(isLegalEntityId(id)).toBe(Boolean(verifyIranianLegalId(id)));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a mobile number', () => {
  test('is stored in one form, however it is written', () => {
    const written = fc.tuple(
      fc.constantFrom('+98', '0098', '98', '0', ''),
      digits(9),
      fc.constantFrom('', ' ', '-', '\u200e'),
      fc.boolean(),
    );
    fc.assert(
      fc.property(written, ([prefix, rest, gap, persian]) => {
        const text = `${prefix}${gap}9${rest.slice(0, 2)}${gap}${rest.slice(2)}`;
        const shown = persian ? text.replace(/\d/g, (d) => String.fromCodePoint(0x06f0 + Number(d))) : text;
        expect(parseMobile(shown)).toBe(`+989${rest}`);
      }),
    );
  });

  test.each([
    '02188776655',
    '0912123456',
    '091212345678',
    '+1 912 123 4567',
    '+9809121234567',
    '',
    'abc',
    '9',
  ])('%j is not valid', (text) => {
    expect(parseMobile(text)).toBeNull();
  });

  test('is shown in the local form', () => {
    expect(localMobile('+989121234567')).toBe('09121234567');
  });
});

describe('a tracking number', () => {
  const serial = fc.bigInt({ min: 10_000_000_000n, max: 10n ** 18n }).map(String);

  test('consists of its serial and a check digit', () => {
    fc.assert(
      fc.property(serial, (text) => {
        expect(toTrackingNumber(text)).toMatch(new RegExp(`^${text}\\d$`));
        expect(isTrackingNumber(toTrackingNumber(text))).toBe(true);
      }),
    );
    expect(toTrackingNumber('7992739871')).toBe('79927398713');
  });

  test('is not valid with one wrong digit', () => {
    fc.assert(
      fc.property(
        serial.map(toTrackingNumber).chain((number) => withOneDigitChanged(number)),
        ({ changed }) => {
          expect(isTrackingNumber(changed)).toBe(false);
        },
      ),
    );
  });

  test('is not valid with two adjacent digits swapped, except 0 and 9', () => {
    fc.assert(
      fc.property(serial.map(toTrackingNumber), fc.nat(9), (number, at) => {
        const [a, b] = [number[at] as string, number[at + 1] as string];
        fc.pre(a !== b && !['09', '90'].includes(a + b));
        expect(isTrackingNumber(number.slice(0, at) + b + a + number.slice(at + 2))).toBe(false);
      }),
    );
  });

  test.each(['', '0', 'abc', '7992739871a', ' 79927398713', '7'.repeat(21)])('%j is not valid', (text) => {
    expect(isTrackingNumber(text)).toBe(false);
  });
});
