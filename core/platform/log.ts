import pino, { type DestinationStream, type Logger } from 'pino';

export type Log = Logger;

/**
 * What must never be readable in a log, wherever it turns up. Code logs ids only; this list is the net
 * below it, for objects of libraries that carry more than was asked for.
 */
const SECRET = [
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
const SECRET_OF_ERRORS = ['detail', 'where', 'parameters'];

const CENSOR = '[redacted]';
/** Deeper than anybody reads. */
const MAX_DEPTH = 8;

/** One form of apiKey, api_key and API-KEY. */
const fold = (name: string) => name.replace(/[-_]/g, '').toLowerCase();
const secrets = new Set(SECRET.map(fold));

/** A copy that may be written, with every secret in it censored. The value itself stays as it was. */
function censored(value: unknown, above: object[] = []): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (above.includes(value) || above.length > MAX_DEPTH) return '[…]';
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  const path = [...above, value];
  if (Array.isArray(value)) return value.map((item) => censored(item, path));
  if ('toJSON' in value && typeof value.toJSON === 'function') return censored(value.toJSON(), path);
  if (value instanceof Error)
    return censored({ ...pino.stdSerializers.err(value), ...hiddenOf(value) }, path);
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      secrets.has(fold(name)) ? CENSOR : censored(item, path),
    ]),
  );
}

const hiddenOf = (error: Error) =>
  Object.fromEntries(SECRET_OF_ERRORS.filter((name) => name in error).map((name) => [name, CENSOR]));

/** A request or reply of Fastify is left to its serializer, which takes only what may be seen of it. */
const isLeftAlone = (name: string, value: unknown) =>
  (name === 'req' || name === 'res') &&
  typeof value === 'object' &&
  value !== null &&
  Object.getPrototypeOf(value) !== Object.prototype;

const censorLine = (line: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(line).map(([name, value]) => [
      name,
      isLeftAlone(name, value) ? value : (censored({ [name]: value }) as Record<string, unknown>)[name],
    ]),
  );

/** A logger of one process. JSON lines on standard output, or on `destination`. */
export function createLog(name: string, level: string, destination?: DestinationStream): Log {
  const options = {
    name,
    level,
    formatters: { log: censorLine },
    // The formatter never sees the bindings of a child, nor what a serializer makes.
    redact: { paths: [...SECRET, ...SECRET.map((secret) => `*.${secret}`)], censor: CENSOR },
  };
  return destination ? pino(options, destination) : pino(options);
}
