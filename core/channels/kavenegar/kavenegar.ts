import { FIRST_LINE } from '../lines';
import type { OnCall } from '../outcomes';
import type { MessageStatus, SmsChannel } from '../sms-channel';
import { failure } from './call-outcomes';
import { createKavenegarClient } from './client';
import { describeStatus } from './return-codes';
import { sendArray } from './send-array';
import { sendByTemplate, sendLoginCode } from './send-by-template';

export interface KavenegarSettings {
  /** The name of the line. */
  line?: string;
  weight?: number;
  apiKey: string;
  sender: string;
  baseUrl: string;
  /** The verify/lookup template of login codes; without one they go by sms/send. */
  otpTemplate?: string | undefined;
  /** The verify/lookup template of messages to recipients who block the line. */
  blockedTemplate?: string | undefined;
  onCall?: OnCall;
  /** Milliseconds one call may take. */
  callTimeoutMs?: number;
  /** Milliseconds one `send` may take, with all its calls. */
  sendTimeoutMs?: number;
}

/** The number of local ids that one call may ask about. */
const LOOK_UP_LIMIT = 500;

/** An SMS line at Kavenegar. Source of methods, parameters and codes: the provider's REST documentation. */
export function createKavenegar(settings: KavenegarSettings): SmsChannel & { close(): void } {
  const { line = FIRST_LINE.sms, weight = 1, callTimeoutMs = 10_000, sendTimeoutMs = 25_000 } = settings;
  const { apiKey, baseUrl, sender, onCall, otpTemplate, blockedTemplate } = settings;
  const { call, ask, close } = createKavenegarClient({ line, apiKey, baseUrl, callTimeoutMs, onCall });

  return {
    line,
    weight,
    send: (messages) => sendArray({ call, sender, startUntil: Date.now() + sendTimeoutMs }, messages),
    sendCode: (message) => sendLoginCode(call, settings, message),
    codesRepeatSafely: !otpTemplate,
    hasTemplate: Boolean(blockedTemplate),
    async sendByTemplate(message) {
      if (blockedTemplate) return sendByTemplate(call, blockedTemplate, message);
      return failure('rejected', 'no_template', 'the recipient blocks the line, and there is no template');
    },

    async lookUp(localIds) {
      const known = new Map<string, string>();
      for (let i = 0; i < localIds.length; i += LOOK_UP_LIMIT) {
        const localid = localIds.slice(i, i + LOOK_UP_LIMIT).join(',');
        for (const entry of await ask('StatusLocalMessageid', { localid })) {
          const messageId = String(entry.messageid ?? '0');
          if (Number(entry.status) !== 100 && messageId !== '0') known.set(String(entry.localid), messageId);
        }
      }
      return known;
    },

    async statuses(providerMessageIds) {
      const entries = await ask('Status', { messageid: providerMessageIds.join(',') });
      return new Map<string, MessageStatus>(
        entries.map((entry) => [String(entry.messageid), describeStatus(Number(entry.status))]),
      );
    },

    async credit() {
      const [info] = await ask('AccountInfo', {});
      return Number(info?.remaincredit ?? 0);
    },

    close,
  };
}
