import pino, { type DestinationStream, type Logger } from 'pino';

export type Log = Logger;

/**
 * What must never be readable in a log, wherever it turns up. Code logs ids only; this list is the net
 * below it, for objects of libraries that carry more than was asked for.
 */
const SECRET_FIELDS = [
  'apiKey',
  'KAVENEGAR_API_KEY',
  'KAVENEGAR_LINES',
  'authorization',
  'passcode',
  'password',
  'secret',
  'signature',
  'smsText',
  'text',
  'mobile',
  'email',
  'address',
  'receptor',
  'notice',
  'content',
  'config',
  'connectionString',
  'headers',
  'cookie',
];
/** What PostgreSQL quotes of rows and statements. */
const SECRET_ERROR_FIELDS = ['detail', 'where', 'parameters'];

const REDACTED = '[redacted]';
/** Deeper than anybody reads. */
const MAX_DEPTH = 8;

/** One form of apiKey, api_key and API-KEY. */
const normalizeName = (name: string) => name.replace(/[-_]/g, '').toLowerCase();
const secretNames = new Set(SECRET_FIELDS.map(normalizeName));

/** A copy that may be written, with every secret in it censored. The value itself stays as it was. */
function redact(value: unknown, above: object[] = []): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (above.includes(value) || above.length > MAX_DEPTH) return '[…]';
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  const path = [...above, value];
  if (Array.isArray(value)) return value.map((item) => redact(item, path));
  if ('toJSON' in value && typeof value.toJSON === 'function') return redact(value.toJSON(), path);
  if (value instanceof Error)
    return redact({ ...pino.stdSerializers.err(value), ...redactedErrorFields(value) }, path);
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      secretNames.has(normalizeName(name)) ? REDACTED : redact(item, path),
    ]),
  );
}

const redactedErrorFields = (error: Error) =>
  Object.fromEntries(SECRET_ERROR_FIELDS.filter((name) => name in error).map((name) => [name, REDACTED]));

/** A request or reply of Fastify is left to its serializer, which takes only what may be seen of it. */
const hasOwnSerializer = (name: string, value: unknown) =>
  (name === 'req' || name === 'res') &&
  typeof value === 'object' &&
  value !== null &&
  Object.getPrototypeOf(value) !== Object.prototype;

const redactEntry = (line: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(line).map(([name, value]) => [
      name,
      hasOwnSerializer(name, value) ? value : (redact({ [name]: value }) as Record<string, unknown>)[name],
    ]),
  );

/** A logger of one process. JSON lines on standard output, or on `destination`. */
export function createLog(name: string, level: string, destination?: DestinationStream): Log {
  const options = {
    name,
    level,
    formatters: { log: redactEntry },
    // The formatter never sees the bindings of a child, nor what a serializer makes.
    redact: { paths: [...SECRET_FIELDS, ...SECRET_FIELDS.map((secret) => `*.${secret}`)], censor: REDACTED },
  };
  return destination ? pino(options, destination) : pino(options);
}
