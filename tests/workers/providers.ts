import { createKavenegar, type KavenegarSettings } from '../../core/channels/kavenegar/kavenegar';
import { createSmtp } from '../../core/channels/smtp';
import type { Database } from '../../core/platform/database';
import { createLog, type Log } from '../../core/platform/log';
import { createMetrics } from '../../core/platform/metrics';
import {
  createKavenegarSimulator,
  type KavenegarSimulator,
  type KavenegarSimulatorOptions,
} from '../../embedded/simulators/kavenegar-simulator';
import { createSmtpSimulator, type SmtpSimulator } from '../../embedded/simulators/smtp-simulator';
import type { ReceiptDependencies } from '../../workers/check-receipts';
import type { SendEmailDependencies } from '../../workers/send-email';
import type { SendSmsDependencies } from '../../workers/sms/sms-set';

export interface Providers {
  kavenegar: KavenegarSimulator;
  smtp: SmtpSimulator;
  kavenegarUrl: string;
  smtpUrl: string;
  /** The first line, and all of them. */
  sms: ReturnType<typeof createKavenegar>;
  lines: ReturnType<typeof createKavenegar>[];
  email: ReturnType<typeof createSmtp>;
  /** What was logged, line by line. */
  logged: Record<string, unknown>[];
  log: Log;
  sendSmsDeps(db: Database): SendSmsDependencies;
  receiptDeps(db: Database): ReceiptDependencies;
  sendEmailDeps(db: Database, onUnknown?: 'park' | 'resend'): SendEmailDependencies;
  /** The environment of workers that send by these providers; attachments lie in `folder`. */
  workersEnv(databaseUrl: string, folder: string): Record<string, string>;
  close(): Promise<void>;
}

/** Both providers, played by the simulators, which deliver at once, and our channels to them. */
export async function startProviders(
  options: KavenegarSimulatorOptions = {},
  settings: Partial<KavenegarSettings> = {},
): Promise<Providers> {
  const kavenegar = createKavenegarSimulator({ carrierAfterMs: 0, deliveredAfterMs: 0, ...options });
  const smtp = createSmtpSimulator();
  const [kavenegarUrl, smtpUrl] = await Promise.all([kavenegar.listen(), smtp.listen()]);
  const { apiKey } = kavenegar;
  const sms = createKavenegar({ apiKey, sender: '10004346', baseUrl: kavenegarUrl, ...settings });
  const lines = [sms];
  const email = createSmtp({ url: smtpUrl, from: 'سامانه ابلاغ <notices@ablagh.example>' });
  const logged: Record<string, unknown>[] = [];
  const log = createLog('test', 'info', { write: (line: string) => void logged.push(JSON.parse(line)) });
  return {
    kavenegar,
    smtp,
    kavenegarUrl,
    smtpUrl,
    sms,
    lines,
    email,
    logged,
    log,
    sendSmsDeps: (db) => ({ db, lines, log, metrics: createMetrics() }),
    receiptDeps: (db) => ({ db, lines, log, metrics: createMetrics() }),
    sendEmailDeps: (db, onUnknown = 'park') => ({
      db,
      email,
      domain: 'ablagh.example',
      onUnknown,
      log,
      metrics: createMetrics(),
    }),
    workersEnv: (databaseUrl, folder) => ({
      DATABASE_URL: databaseUrl,
      SECRET_KEY: 'a secret of more than thirty-two bytes',
      KAVENEGAR_API_KEY: apiKey,
      KAVENEGAR_SENDER: '10004346',
      KAVENEGAR_BASE_URL: kavenegarUrl,
      SMTP_URL: smtpUrl,
      MAIL_FROM: 'سامانه ابلاغ <notices@ablagh.example>',
      DATA_DIR: folder,
    }),
    async close() {
      sms.close();
      email.close();
      await Promise.all([kavenegar.close(), smtp.close()]);
    },
  };
}
