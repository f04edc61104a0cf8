import { kavenegarCallbackUrl } from '../../core/platform/derived-keys';
import { createKavenegarSimulator, type KavenegarSimulator } from '../../embedded/simulators/kavenegar';
import { createSmtpSimulator, type SmtpSimulator } from '../../embedded/simulators/smtp';
import { createWire, type Wire } from './wire';

/** Both providers, played by the simulators, and the wires that lead to them. */
export interface Providers {
  kavenegar: KavenegarSimulator;
  smtp: SmtpSimulator;
  smsWire: Wire;
  mailWire: Wire;
  smsUrl: string;
  smtpUrl: string;
  close(): Promise<void>;
}

/** @param deliveredAfterMs when the provider tells that a message has arrived */
export async function openProviders(
  apiUrl: string,
  secretKey: string,
  deliveredAfterMs: number,
): Promise<Providers> {
  const kavenegar = createKavenegarSimulator({
    carrierAfterMs: deliveredAfterMs / 2,
    deliveredAfterMs,
    callbackUrl: kavenegarCallbackUrl(apiUrl, secretKey),
  });
  const smtp = createSmtpSimulator();
  const [smsUrl, smtpUrl] = await Promise.all([kavenegar.listen(), smtp.listen()]);
  const smsWire = await createWire([Number(new URL(smsUrl).port)]);
  const mailWire = await createWire([Number(new URL(smtpUrl).port)]);
  return {
    kavenegar,
    smtp,
    smsWire,
    mailWire,
    smsUrl,
    smtpUrl,
    async close() {
      await Promise.all([smsWire.cut(), mailWire.cut(), kavenegar.close(), smtp.close()]);
    },
  };
}
