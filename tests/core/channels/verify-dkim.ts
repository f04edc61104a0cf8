import { createHash, type KeyObject, verify } from 'node:crypto';

const oneSpace = (text: string) => text.replace(/[ \t]+/g, ' ');

/** A header as RFC 6376 §3.4.2 has it: relaxed. */
const relaxedHeader = (name: string, value: string) =>
  `${name.toLowerCase()}:${oneSpace(value.replace(/\r\n/g, '')).trim()}`;

/** A body as RFC 6376 §3.4.4 has it: relaxed. */
function relaxedBody(body: string): string {
  const lines = body.split('\r\n').map((line) => oneSpace(line).replace(/ $/, ''));
  while (lines.at(-1) === '') lines.pop();
  return lines.length === 0 ? '' : `${lines.join('\r\n')}\r\n`;
}

interface Verdict {
  domain: string | undefined;
  selector: string | undefined;
  /** Lower-case names of the headers that are signed. */
  headers: string[];
  bodyIsIntact: boolean;
  signatureHolds: boolean;
}

/** Checks the DKIM-Signature (rsa-sha256, relaxed/relaxed) of a message as it arrived. */
export function verifyDkim(raw: string, publicKey: KeyObject): Verdict {
  const end = raw.indexOf('\r\n\r\n');
  const headers = raw
    .slice(0, end)
    .split(/\r\n(?![ \t])/)
    .map((header) => {
      const colon = header.indexOf(':');
      return { name: header.slice(0, colon), value: header.slice(colon + 1) };
    });
  const signature = headers.find(({ name }) => /^dkim-signature$/i.test(name))?.value ?? '';
  const tags = new Map(
    signature
      .replace(/\s+/g, '')
      .split(';')
      .map((tag) => [tag.slice(0, tag.indexOf('=')), tag.slice(tag.indexOf('=') + 1)]),
  );
  const signed = (tags.get('h') ?? '').toLowerCase().split(':');
  const unused = headers.toReversed();
  const chosen = signed.flatMap((wanted) => {
    const at = unused.findIndex(({ name }) => name.toLowerCase() === wanted);
    return at < 0 ? [] : unused.splice(at, 1).map(({ name, value }) => relaxedHeader(name, value));
  });
  const withoutSignature = signature.replace(/(;\s*b=)[^;]*/, '$1');
  const data = [...chosen, relaxedHeader('DKIM-Signature', withoutSignature)].join('\r\n');
  return {
    domain: tags.get('d'),
    selector: tags.get('s'),
    headers: signed,
    bodyIsIntact:
      createHash('sha256')
        .update(relaxedBody(raw.slice(end + 4)))
        .digest('base64') === tags.get('bh'),
    signatureHolds: verify(
      'sha256',
      Buffer.from(data),
      publicKey,
      Buffer.from(tags.get('b') ?? '', 'base64'),
    ),
  };
}
