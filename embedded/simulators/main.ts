import { join } from 'node:path';
import { createIdSource } from './id-source';
import { createKavenegarSimulator } from './kavenegar-simulator';
import { createMessagesApi } from './messages-api';
import { createSmtpSimulator } from './smtp-simulator';

/** The environment variable `SIMULATORS` holds this as JSON. */
export interface SimulatorsSettings {
  kavenegarPort: number;
  smtpPort: number;
  /** A free port if absent. */
  apiPort?: number;
  /** The folder that keeps the accepted messages over a restart. */
  journalDir: string;
  /** The address that receives delivery callbacks. */
  callbackUrl?: string;
}

/** The message the parent receives over the IPC channel once all simulators listen. */
export interface SimulatorsReady {
  ready: true;
  kavenegarUrl: string;
  smtpUrl: string;
  apiUrl: string;
}

async function main(): Promise<void> {
  const settings: SimulatorsSettings = JSON.parse(process.env.SIMULATORS ?? '{}');
  // One source of ids, so that both kinds of message can be listed behind one cursor.
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
 * Ends the simulators with their parent. A terminal's Ctrl-C reaches every process at once, but the workers are still sending
 * then: so the parent decides when the simulators end, by SIGTERM or by its own end.
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
