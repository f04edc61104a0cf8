import contentDisposition from 'content-disposition';
import type { FastifyReply } from 'fastify';

/** Lets a browser show the file, by itself or in a frame of this site, but run nothing in it: no script, no form, no page. */
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
 * Sends the bytes of an attachment under the content type that was verified when it was accepted.
 *
 * @param download makes the browser save the file instead of showing it
 */
export function sendAttachment(
  reply: FastifyReply,
  { fileName, contentType }: { fileName: string; contentType: string },
  bytes: Buffer,
  download: boolean,
): FastifyReply {
  const name = safeDownloadName(fileName, contentType);
  // RFC 6266: programs that cannot read a name in any script get one of plain ASCII.
  const fallback = name.replace(/[^\w. -]/g, '_');
  const type = download ? 'attachment' : 'inline';
  return reply
    .headers(ATTACHMENT_HEADERS)
    .header('content-disposition', contentDisposition(name, { type, fallback }))
    .type(contentType)
    .send(bytes);
}

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
 * Gives the name under which a browser saves a file. A computer opens a file by its extension: a verified PDF can be a valid web
 * page as well, and must not be opened as one because its name is form.html. The name also loses the marks that reverse the order
 * of letters, which hide an extension, and leading dots, which hide the file.
 */
export function safeDownloadName(fileName: string, contentType: string): string {
  const name = fileName.replace(/[\p{Bidi_Control}\p{Cc}/\\]/gu, '').replace(/^[.\s]+/, '') || 'file';
  return EXTENSION_PATTERNS[contentType]?.test(name)
    ? name
    : `${name}${DEFAULT_EXTENSION[contentType] ?? '.bin'}`;
}
