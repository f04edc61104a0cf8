import { join } from 'node:path';
import { createIdSource } from './id-source';
import { createKavenegarSimulator } from './kavenegar-simulator';
import { createMessagesApi } from './messages-api';
import { createSmtpSimulator } from './smtp-simulator';

/** The environment variable `SIMULATORS` holds this as JSON. */
export interface SimulatorsSettings {
  kavenegarPort: number;
  smtpPort: number;
  /** A free one if absent. */
  apiPort?: number;
  /** What was accepted is kept here over a restart. */
  journalDir: string;
  /** Where delivery callbacks go. */
  callbackUrl?: string;
}

/** What the parent gets over the IPC channel once all of it listens. */
export interface SimulatorsReady {
  ready: true;
  kavenegarUrl: string;
  smtpUrl: string;
  apiUrl: string;
}

async function main(): Promise<void> {
  const settings: SimulatorsSettings = JSON.parse(process.env.SIMULATORS ?? '{}');
  // One source of numbers, so that the two kinds can be listed by one cursor.
  const ids = createIdSource();
  const kavenegar = createKavenegarSimulator({
    ids,
    journal: join(settings.journalDir, 'sms.ndjson'),
    ...(settings.callbackUrl && { callbackUrl: settings.callbackUrl }),
  });
  const smtp = createSmtpSimulator({ ids, journal: join(settings.journalDir, 'emails.ndjson') });
  const api = createMessagesApi(kavenegar, smtp);
  endWithParent(async () => {
    await Promise.all([kavenegar.close(), smtp.close(), api.close()]);
  });
  const [kavenegarUrl, smtpUrl, apiUrl] = await Promise.all([
    kavenegar.listen(settings.kavenegarPort),
    smtp.listen(settings.smtpPort),
    api.listen(settings.apiPort),
  ]);
  process.send?.({ ready: true, kavenegarUrl, smtpUrl, apiUrl } satisfies SimulatorsReady);
}

/**
 * A terminal's Ctrl-C reaches every process at once, but ours are still sending then: the parent decides when
 * the simulators end, by SIGTERM or by ending itself.
 */
function endWithParent(close: () => Promise<void>): void {
  const end = () => close().finally(() => process.exit(0));
  process.on('SIGINT', () => {});
  process.once('SIGTERM', end);
  process.once('disconnect', end);
  if (process.send && !process.connected) end();
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
