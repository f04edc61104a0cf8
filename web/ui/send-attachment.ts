import type { FastifyReply } from 'fastify';

/** Shown by a page of ours or on its own, but never run: not as a script, not as a page, in no other site's frame. */
const ATTACHMENT_HEADERS = {
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
    .headers(ATTACHMENT_HEADERS)
    .header(
      'content-disposition',
      contentDisposition(download ? 'attachment' : 'inline', safeDownloadName(fileName, contentType)),
    )
    .type(contentType)
    .send(bytes);

const EXTENSION_PATTERNS: Record<string, RegExp> = {
  'application/pdf': /\.pdf$/i,
  'image/png': /\.png$/i,
  'image/jpeg': /\.jpe?g$/i,
};
const DEFAULT_EXTENSION: Record<string, string> = {
  'application/pdf': '.pdf',
  'image/png': '.png',
  'image/jpeg': '.jpg',
};

/**
 * The name a file is kept under by who downloads it. A computer goes by the ending: what was checked to be a PDF
 * may be a web page as well, and must not be opened as one because it is called form.html. Nor may a name hide its
 * ending behind marks that turn the order of letters round, or itself behind a dot.
 */
export function safeDownloadName(fileName: string, contentType: string): string {
  const seen = fileName.replace(/[\p{Bidi_Control}\p{Cc}/\\]/gu, '').replace(/^[.\s]+/, '') || 'file';
  return EXTENSION_PATTERNS[contentType]?.test(seen)
    ? seen
    : `${seen}${DEFAULT_EXTENSION[contentType] ?? '.bin'}`;
}

/** RFC 6266: a name in any script, and one in ASCII for who cannot read it. */
function contentDisposition(kind: 'attachment' | 'inline', fileName: string): string {
  const plain = fileName.replace(/[^\w. -]/g, '_');
  const encoded = encodeURIComponent(fileName).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
