import type { AddressInfo } from 'node:net';
import { loadConfig, WORKERS_REQUIRED_SETTINGS } from '../../core/platform/config';
import { createLog } from '../../core/platform/log';
import type { Closable } from '../../core/platform/shutdown';
import {
  createKavenegarSimulator,
  type KavenegarSimulator,
} from '../../embedded/simulators/kavenegar-simulator';
import { createSmtpSimulator, type SmtpSimulator } from '../../embedded/simulators/smtp-simulator';
import { startWorkers } from '../../workers/start-workers';
import { SECRET_KEY, startTestApi, type TestApi } from '../api/test-api';
import { useDatabase } from './database';
import { registerEmployer } from './fixtures';
import { until } from './until';
import { startSession } from './visitor';

/**
 * The whole system on a database of its own, for all tests of a file: the API with its pages, listening, and
 * the workers, with simulators for providers. The employer `aNotice` is for is registered.
 */
export function useWebApp() {
  let api: TestApi;
  let url: string;
  let sms: KavenegarSimulator;
  let smtp: SmtpSimulator;
  let workers: Closable[] = [];
  afterAll(async () => {
    await api?.close();
    for (const part of workers) await part.close();
    await sms?.close();
    await smtp?.close();
  });
  const test = useDatabase();
  beforeAll(async () => {
    sms = createKavenegarSimulator({ deliveredAfterMs: 100 });
    smtp = createSmtpSimulator();
    const [KAVENEGAR_BASE_URL, SMTP_URL] = await Promise.all([sms.listen(), smtp.listen()]);
    const env = {
      DATABASE_URL: test.url,
      SECRET_KEY,
      KAVENEGAR_API_KEY: sms.apiKey,
      KAVENEGAR_SENDER: '10004346',
      KAVENEGAR_BASE_URL,
      SMTP_URL,
      MAIL_FROM: 'notices@ablagh.example',
    };
    workers = await startWorkers(loadConfig(env, WORKERS_REQUIRED_SETTINGS), createLog('workers', 'silent'));
    api = await startTestApi(test.db);
    await api.listen();
    url = `http://localhost:${(api.app.server.address() as AddressInfo).port}`;
    await registerEmployer(test.db);
  });
  return {
    get db() {
      return test.db;
    },
    get api() {
      return api;
    },
    /** The address of the pages, such as `http://localhost:34567`: on localhost a browser has a clipboard. */
    get url() {
      return url;
    },
    get sms() {
      return sms;
    },
    /** Waits for the login code a mobile (09…) received after those already `seen`. */
    loginCode: (mobile: string, seen: string[] = []): Promise<string> =>
      until(() => codesSentTo(sms, mobile).find((code) => !seen.includes(code)), {
        what: `a login code for ${mobile}`,
      }),
    /** Begins a session without the login: the cookie for a browser's context. */
    async signIn(nationalId = '0499370899') {
      const token = await startSession(test.db, nationalId);
      return { name: 'ablagh', value: token, url };
    },
  };
}

/** The login codes a mobile received, the newest first. */
export const codesSentTo = (sms: KavenegarSimulator, mobile: string): string[] =>
  sms
    .messages()
    .filter(({ receptor }) => receptor === mobile)
    .flatMap(({ text }) => /کد ورود[^\d]*(\d{6})/.exec(text)?.[1] ?? [])
    .reverse();
