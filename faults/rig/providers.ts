import { kavenegarCallbackUrl } from '../../core/platform/derived-keys';
import { createIdSource } from '../../embedded/simulators/id-source';
import {
  createKavenegarSimulator,
  type KavenegarSimulator,
} from '../../embedded/simulators/kavenegar-simulator';
import { createSmtpSimulator, type SmtpSimulator } from '../../embedded/simulators/smtp-simulator';
import { createTcpProxy, type TcpProxy } from './tcp-proxy';

/** Both providers, played by the simulators, and the proxies that lead to them. */
export interface Providers {
  kavenegar: KavenegarSimulator;
  /** A second account, behind no proxy. Message ids are the provider's, local ids each account's own. */
  secondLine: KavenegarSimulator;
  smtp: SmtpSimulator;
  smsProxy: TcpProxy;
  mailProxy: TcpProxy;
  smsUrl: string;
  secondLineUrl: string;
  smtpUrl: string;
  close(): Promise<void>;
}

/** @param deliveredAfterMs the time from the acceptance of a message to its delivery report */
export async function openProviders(
  apiUrl: string,
  secretKey: string,
  deliveredAfterMs: number,
): Promise<Providers> {
  const account = {
    ids: createIdSource(),
    carrierAfterMs: deliveredAfterMs / 2,
    deliveredAfterMs,
    callbackUrl: kavenegarCallbackUrl(apiUrl, secretKey),
  };
  const kavenegar = createKavenegarSimulator(account);
  const secondLine = createKavenegarSimulator({ ...account, apiKey: 'second' });
  const smtp = createSmtpSimulator();
  const [smsUrl, secondUrl, smtpUrl] = await Promise.all([
    kavenegar.listen(),
    secondLine.listen(),
    smtp.listen(),
  ]);
  const smsWire = await createTcpProxy([Number(new URL(smsUrl).port)]);
  const mailWire = await createTcpProxy([Number(new URL(smtpUrl).port)]);
  return {
    kavenegar,
    secondLine,
    smtp,
    smsProxy: smsWire,
    mailProxy: mailWire,
    smsUrl,
    secondLineUrl: secondUrl,
    smtpUrl,
    async close() {
      await Promise.all([
        smsWire.disconnect(),
        mailWire.disconnect(),
        kavenegar.close(),
        secondLine.close(),
        smtp.close(),
      ]);
    },
  };
}
