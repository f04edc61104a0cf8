import { parse, stringify } from 'node:querystring';
import fc from 'fast-check';
import { formBody } from '../../../../core/channels/kavenegar/form-body';

describe('formBody', () => {
  const text = fc.string({ unit: 'binary', maxLength: 80 }).map((any) => any.toWellFormed());
  const fields = fc.dictionary(text, text, { maxKeys: 5 });

  it('encodes any text as the form encoding of Node does', () => {
    fc.assert(
      fc.property(fields, (any) => {
        expect(formBody(any).toString('latin1')).toBe(stringify(any));
      }),
    );
  });

  it('is decoded to the same text', () => {
    fc.assert(
      fc.property(fields, (any) => {
        expect({ ...parse(formBody(any).toString('latin1')) }).toEqual(any);
      }),
    );
  });

  it('replaces text that is not well-formed', () => {
    expect(formBody({ a: 'x\ud800y' }).toString()).toBe('a=x%EF%BF%BDy');
  });
});
