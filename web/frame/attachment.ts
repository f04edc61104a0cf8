import type { FastifyReply } from 'fastify';

/** Shown by a page of ours or on its own, but never run: not as a script, not as a page, in no other site's frame. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'; form-action 'none'",
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

/**
 * Sends the bytes of an attachment under the type they were checked to be.
 *
 * @param download as a file to keep, not to show
 */
export const sendAttachment = (
  reply: FastifyReply,
  { fileName, contentType }: { fileName: string; contentType: string },
  bytes: Buffer,
  download: boolean,
): FastifyReply =>
  reply
    .headers(HEADERS)
    .header('content-disposition', disposition(download ? 'attachment' : 'inline', fileName))
    .type(contentType)
    .send(bytes);

/** RFC 6266: a name in any script, and one in ASCII for who cannot read it. */
function disposition(kind: 'attachment' | 'inline', fileName: string): string {
  const plain = fileName.replace(/[^\w. -]/g, '_');
  const encoded = encodeURIComponent(fileName).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
