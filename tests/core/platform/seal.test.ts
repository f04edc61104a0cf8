import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { createSeal } from '../../../core/platform/seal';

const [current, previous, foreign] = [randomBytes(32), randomBytes(32), randomBytes(32)];

describe('a sealed text', () => {
  it('is opened to the same text by the key that sealed it', () => {
    const { seal, open } = createSeal([current]);
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => expect(open(seal(text))).toBe(text)));
  });

  it('differs each time, and does not contain the text', () => {
    const { seal } = createSeal([current]);
    const [first, second] = [seal('passcode 7241'), seal('passcode 7241')];
    expect(first.equals(second)).toBe(false);
    expect(first.includes('7241')).toBe(false);
  });

  it('is opened by each of several keys, and sealed by the first', () => {
    const old = createSeal([previous]).seal('of last year');
    const rotated = createSeal([current, previous]);
    expect(rotated.open(old)).toBe('of last year');
    expect(createSeal([current]).open(rotated.seal('new'))).toBe('new');
    expect(() => createSeal([previous]).open(rotated.seal('new'))).toThrow('none of the keys opens this');
  });

  it('is not opened by a foreign key', () => {
    const sealed = createSeal([foreign]).seal('secret');
    expect(() => createSeal([current, previous]).open(sealed)).toThrow('none of the keys opens this');
  });

  it('is not opened after any of its bits was changed, nor when it was cut', () => {
    const { seal, open } = createSeal([current]);
    const sealed = seal('secret');
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(() => open(changed)).toThrow('none of the keys opens this');
    }
    for (let length = 0; length < sealed.length; length += 1)
      expect(() => open(sealed.subarray(0, length))).toThrow('none of the keys opens this');
  });
});
