import { isIP } from 'node:net';
import { resolve } from 'node:path';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { ConfigError } from './errors';
import { hasUsableSentinels } from './redis-options';

const url = (...protocols: string[]) =>
  z.string().refine(
    // `URL` ignores line breaks, but they would go into headers and logs with the text of the URL.
    (value) => !/\p{Cc}/u.test(value) && URL.canParse(value) && protocols.includes(new URL(value).protocol),
    `must be a URL starting with ${protocols.join(' or ')}`,
  );

const wholeNumber = (min: number, max: number) =>
  z.string().regex(/^\d+$/, 'must be a whole number').transform(Number).pipe(z.number().min(min).max(max));

/**
 * Tells whether the text is an address or a network, such as 10.0.0.0/8 or ::1. The proxy check of the HTTP server takes the same
 * ones, and would otherwise stop the start with a stack: a prefix is in CIDR notation and not 0.
 */
function isNetwork(text: string): boolean {
  const network = text.trim();
  const [address = ''] = network.split('/', 1);
  if (isIP(address) === 0) return false;
  return network === address || (ipaddr.isValidCIDR(network) && ipaddr.parseCIDR(network)[1] > 0);
}

const senderNumber = z.string().regex(/^\d{3,20}$/, 'must be a line number in digits');

/** Further accounts or senders of Kavenegar. A fault names its place in the JSON, never its value. */
const kavenegarLines = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'must be JSON' });
      return z.NEVER;
    }
  })
  .pipe(
    z
      .array(
        z.strictObject({
          name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,29}$/, 'must be up to 30 of a-z, 0-9 and -'),
          apiKey: z.string().min(1),
          sender: senderNumber,
          weight: z.int().min(1).max(1000).default(1),
          baseUrl: url('http:', 'https:').optional(),
        }),
      )
      .max(20)
      .refine(
        (lines) => new Set(lines.map(({ name }) => name)).size === lines.length,
        'must have names that differ',
      ),
  );

const MAILBOX_PATTERN = /^[^<>\r\n]*<[^<>\s@]+@[^<>\s@]+>$|^[^<>\s@]+@[^<>\s@]+$/;

/**
 * Every setting of the system, by the name of its environment variable. The description is the one an operator reads in
 * `.env.example`; a test keeps both equal.
 */
export const settings = {
  DATABASE_URL: url('postgres:', 'postgresql:').optional().describe('PostgreSQL 14 or newer'),
  REDIS_URL: url('redis:', 'rediss:')
    .refine(
      (value) => !URL.canParse(value) || hasUsableSentinels(value),
      'must name its sentinels as host:port, with commas between them, and before them what they watch',
    )
    .optional()
    .describe(
      'Redis 6.2 or newer, or Valkey; redis://NAME?sentinels=host:port,host:port asks Sentinels for the main one; without it BullMQ works on PostgreSQL',
    ),
  HOST: z.string().min(1).default('127.0.0.1').describe('where the API listens'),
  PORT: wholeNumber(0, 65535).default(3000).describe('where the API listens'),
  PUBLIC_URL: url('http:', 'https:')
    .optional()
    .describe('the address people use; from HOST and PORT if absent'),
  TRUSTED_PROXIES: z
    .string()
    .refine(
      (list) => list === '' || list.split(',').every(isNetwork),
      'must be addresses or networks with commas between them',
    )
    .default('')
    .describe('reverse proxies whose X-Forwarded-For is believed, such as 127.0.0.1,10.0.0.0/8'),
  NATIONAL_CARTABLE_URL: url('https:', 'http:')
    .default('https://inbox.iran.gov.ir/')
    .describe('the national inbox the pages lead to'),
  LEGACY_PORTAL_URL: url('https:', 'http:')
    .default('https://portal.tamin.ir')
    .describe('the previous portal, where notices of up to 1398/03/31 are read'),
  DATA_DIR: z
    .string()
    .min(1)
    .default('.data')
    .transform((dir) => resolve(dir))
    .describe('embedded data, generated secrets and, by default, attachments'),
  SECRET_KEY: z
    .string()
    .refine((value) => Buffer.byteLength(value) >= 32, 'must be at least 32 bytes')
    .optional()
    .describe('32 bytes or more: keys of sessions, passcodes and callback addresses are derived from it'),
  SECRET_KEY_PREVIOUS: z
    .string()
    .refine((value) => Buffer.byteLength(value) >= 32, 'must be at least 32 bytes')
    .optional()
    .describe('while SECRET_KEY is being changed: the other one, which is still taken (docs/security.md)'),
  ATTACHMENTS_URL: url('file:', 's3:')
    .optional()
    .describe('file:///folder or s3://bucket?region=…&endpoint=…; DATA_DIR/attachments if absent'),
  KAVENEGAR_API_KEY: z.string().min(1).optional().describe('the account key of the SMS provider'),
  KAVENEGAR_SENDER: senderNumber.optional().describe('the line SMS are sent from'),
  KAVENEGAR_BASE_URL: url('http:', 'https:')
    .default('https://api.kavenegar.com')
    .describe('for tests and proxies'),
  KAVENEGAR_WEIGHT: wholeNumber(1, 1000)
    .default(1)
    .describe('the share of this line beside those of KAVENEGAR_LINES'),
  KAVENEGAR_LINES: kavenegarLines
    .optional()
    .describe('further lines: [{"name":"second","apiKey":"…","sender":"…","weight":2,"baseUrl":"…"}]'),
  KAVENEGAR_RATE: wholeNumber(1, 100_000)
    .optional()
    .describe('messages a second on each line when it is first used; operators may change it later'),
  KAVENEGAR_OTP_TEMPLATE: z.string().min(1).optional().describe('verify/lookup template for login codes'),
  KAVENEGAR_BLOCKED_TEMPLATE: z
    .string()
    .min(1)
    .optional()
    .describe(
      'verify/lookup template, once for an alert whose recipient blocks the line; its token is the tracking number',
    ),
  SMS_TEXT: z
    .string()
    .min(1)
    .max(600)
    .default(
      '{name}\nابلاغیه‌ای با شماره پیگیری {trackingNumber} در صندوق مکاتبات شما ثبت شد. برای مشاهده، خودتان نشانی رسمی سازمان را باز کنید.',
    )
    .describe('the alert when the sender gives no smsText; {name} and {trackingNumber} are filled in'),
  SMS_SUFFIX: z
    .string()
    .max(100)
    .default('')
    .describe('a last line the operator of the line asks for, such as لغو۱۱'),
  INQUIRY_SMS: z
    .enum(['0', '1'])
    .default('1')
    .transform((value) => value === '1')
    .describe('1 sends the owner an SMS at the first inquiry by each permit'),
  SMTP_URL: url('smtp:', 'smtps:').optional().describe('the mail server'),
  MAIL_FROM: z
    .string()
    .regex(MAILBOX_PATTERN, 'must be a mailbox, such as Notices <notices@example.org>')
    .optional()
    .describe('the sender of emails'),
  MAIL_LIST_UNSUBSCRIBE: url('mailto:', 'https:')
    .optional()
    .describe('the List-Unsubscribe header, where the law asks for one'),
  MAIL_ON_UNKNOWN: z
    .enum(['park', 'resend'])
    .default('park')
    .describe('an email whose fate is unknown waits for a person, or is sent again with the same Message-ID'),
  DKIM_DOMAIN: z.string().min(1).optional().describe('DKIM signing, all three or none'),
  DKIM_SELECTOR: z.string().min(1).optional().describe('DKIM signing, all three or none'),
  DKIM_PRIVATE_KEY: z
    .string()
    .startsWith('-----BEGIN', 'must be a PEM key')
    .optional()
    .describe('DKIM signing, all three or none'),
  CREDIT_LOW_RIALS: wholeNumber(0, 1_000_000_000_000)
    .default(100_000_000)
    .describe('operators see a finding when an SMS account has less than this many Rial'),
  ALERT_TTL_HOURS: wholeNumber(1, 720).default(72).describe('how long an alert is tried before it expires'),
  KEEP_ATTACHMENTS_DAYS: wholeNumber(30, 36_500)
    .optional()
    .describe('attachments are removed from the store when they are older; kept for ever if absent'),
  KEEP_PERSONAL_DATA_DAYS: wholeNumber(30, 36_500)
    .optional()
    .describe('addresses of alerts and inquiries, old sessions and the like; kept for ever if absent'),
  RATE_LIMIT_PER_SECOND: wholeNumber(1, 100_000)
    .default(1000)
    .describe('requests a second and API key, in each API process'),
  DATABASE_POOL: wholeNumber(2, 200).default(10).describe('PostgreSQL connections of each process'),
  WORKERS_PORT: wholeNumber(1, 65535)
    .optional()
    .describe('where the workers answer /livez and /metrics; off if absent'),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe('pino level'),
  DEMO: z
    .enum(['0', '1'])
    .default('1')
    .transform((value) => value === '1')
    .describe('0 leaves out the demo data of npm start'),
};

const schema = z.object(settings);
type Settings = z.infer<typeof schema>;
type Setting = keyof Settings;

/** The frozen settings; those named in `Required` are never undefined. */
export type Config<Required extends Setting = never> = Readonly<
  Settings & { PUBLIC_URL: string } & { [K in Required]: NonNullable<Settings[K]> }
>;

/** Settings that the API of a production system cannot start without. */
export const API_REQUIRED_SETTINGS = ['DATABASE_URL', 'SECRET_KEY'] as const;
/** Settings that the workers cannot start without: they send, so they also need the providers. */
export const WORKERS_REQUIRED_SETTINGS = [
  'DATABASE_URL',
  'SECRET_KEY',
  'KAVENEGAR_API_KEY',
  'KAVENEGAR_SENDER',
  'SMTP_URL',
  'MAIL_FROM',
] as const;

const DKIM_SETTINGS = ['DKIM_DOMAIN', 'DKIM_SELECTOR', 'DKIM_PRIVATE_KEY'] as const;

/**
 * Reads the settings from an environment. An empty value counts as absent.
 *
 * @param needs names of the settings that must be there
 * @throws ConfigError that names every faulty and every missing setting at once
 */
export function loadConfig<Needed extends Setting = never>(
  env: NodeJS.ProcessEnv,
  needs: readonly Needed[] = [],
): Config<Needed> {
  const given = Object.fromEntries(
    Object.keys(settings)
      .map((name) => [name, env[name]])
      .filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = schema.safeParse(given);
  const faults = (parsed.error?.issues ?? []).map((issue) => ({
    path: issue.path.join('.'),
    message: issue.message,
  }));
  for (const name of needs) {
    if (given[name] === undefined) faults.push({ path: name, message: 'is required' });
  }
  if (DKIM_SETTINGS.some((name) => given[name]) && !DKIM_SETTINGS.every((name) => given[name])) {
    faults.push({ path: DKIM_SETTINGS.join(', '), message: 'must be set together' });
  }
  if (faults.length > 0 || !parsed.success) throw new ConfigError(faults);
  const { HOST, PORT } = parsed.data;
  const PUBLIC_URL =
    parsed.data.PUBLIC_URL?.replace(/\/+$/, '') ??
    `http://${HOST.includes(':') ? `[${HOST}]` : HOST}:${PORT}`;
  return Object.freeze({ ...parsed.data, PUBLIC_URL }) as Config<Needed>;
}
