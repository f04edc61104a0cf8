import { createPasses } from '../../../core/inquiries/passes';

const ID = '01890000-0000-7000-8000-0000000000ab';

describe('passes', () => {
  const passes = createPasses('a secret of more than thirty-two bytes');

  it('contain the inquiry, in characters that fit a URL', () => {
    const pass = passes.sign(ID);
    expect(pass).toMatch(/^[A-Za-z0-9_-]{64}$/);
    expect(passes.verify(pass)).toBe(ID);
  });

  it('are invalid with one changed bit, and with another key', () => {
    const pass = Buffer.from(passes.sign(ID), 'base64url');
    for (let at = 0; at < pass.length; at += 1) {
      const forged = Buffer.from(pass);
      forged[at] = (forged[at] as number) ^ 1;
      expect(passes.verify(forged.toString('base64url'))).toBeNull();
    }
    expect(passes.verify(createPasses('another secret of thirty-two bytes!').sign(ID))).toBeNull();
  });

  it.each(['', 'x', `${ID}`, 'A'.repeat(64), 'A'.repeat(63), '='.repeat(64)])('are invalid: %j', (text) => {
    expect(passes.verify(text)).toBeNull();
  });
});
