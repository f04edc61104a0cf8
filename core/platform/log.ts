import pino, { type DestinationStream, type Logger } from 'pino';

export type Log = Logger;

/**
 * Names of fields whose values must never be readable in a log, at any depth. The code logs ids only; this list is the safety net for
 * objects of libraries that carry more.
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
/** Fields of PostgreSQL's errors that quote rows and statements. */
const SECRET_ERROR_FIELDS = ['detail', 'where', 'parameters'];

const REDACTED = '[redacted]';
const MAX_DEPTH = 8;

/** Gives apiKey, api_key and API-KEY one form. */
const normalizeName = (name: string) => name.replace(/[-_]/g, '').toLowerCase();
const secretNames = new Set(SECRET_FIELDS.map(normalizeName));

/** Copies a value for the log, with every secret in it replaced. The value itself is not changed. */
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

/** Tells whether the value is a request or reply of Fastify: its own serializer picks the fields that may be logged. */
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

/** Creates the log of a process: lines of JSON on standard output, or on `destination`. */
export function createLog(name: string, level: string, destination?: DestinationStream): Log {
  const options = {
    name,
    level,
    formatters: { log: redactEntry },
    // The formatter sees neither the bindings of a child logger nor the output of a serializer.
    redact: { paths: [...SECRET_FIELDS, ...SECRET_FIELDS.map((secret) => `*.${secret}`)], censor: REDACTED },
  };
  return destination ? pino(options, destination) : pino(options);
}
