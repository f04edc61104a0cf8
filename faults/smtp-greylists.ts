import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './rig/fault';

const GREYLISTS_MS = 6_000;

export const smtpGreylists: Fault = {
  name: 'smtp-greylists',
  description: 'the mail server puts every recipient off (451) until it is asked again',
  async inject({ smtp }) {
    smtp.setBehaviour(({ stage }) => (stage === 'rcpt' ? { code: 451 } : 'pass'));
    await delay(GREYLISTS_MS);
    smtp.setBehaviour();
  },
};
