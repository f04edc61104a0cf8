import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../core/platform/config';
import { kavenegarCallbackUrl } from '../../core/platform/derived-keys';
import type { Closable } from '../../core/platform/shutdown';
import { forkEntry } from '../fork-entry';

export interface Simulators extends Closable {
  close(): Promise<void>;
  /** The settings that direct our own processes to the simulators, where the environment names no provider. */
  env: NodeJS.ProcessEnv;
  sms: boolean;
  email: boolean;
}

interface Ready {
  ready: true;
  kavenegarUrl: string;
  smtpUrl: string;
  apiUrl: string;
}

/** Starts the simulators of Kavenegar and SMTP in a process of their own. They remember their messages over a restart. */
export async function startSimulators(
  config: Config,
  env: NodeJS.ProcessEnv,
  dataDir: string,
): Promise<Simulators> {
  const journalDir = join(dataDir, 'simulators');
  mkdirSync(journalDir, { recursive: true });
  const address = `http://${config.HOST}:${config.PORT}`;
  const callbackUrl = kavenegarCallbackUrl(address, env.SECRET_KEY as string);
  const child = forkEntry('simulators/main', {
    env: {
      ...process.env,
      SIMULATORS: JSON.stringify({ kavenegarPort: 0, smtpPort: 0, journalDir, callbackUrl }),
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const { kavenegarUrl, smtpUrl, apiUrl } = await new Promise<Ready>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Ready));
    child.once('exit', () => reject(new Error('The simulators did not start.')));
  });
  const sms = !config.KAVENEGAR_API_KEY;
  const email = !config.SMTP_URL;
  return {
    name: 'simulators',
    sms,
    email,
    env: {
      SIMULATORS_URL: apiUrl,
      ...(sms && {
        KAVENEGAR_API_KEY: 'simulator',
        KAVENEGAR_SENDER: config.KAVENEGAR_SENDER ?? '10004346',
        KAVENEGAR_BASE_URL: kavenegarUrl,
      }),
      ...(email && {
        SMTP_URL: smtpUrl,
        MAIL_FROM: config.MAIL_FROM ?? 'سامانه ابلاغ <notices@ablagh.example>',
      }),
    },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    },
  };
}
