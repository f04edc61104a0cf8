import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './rig/fault';

const DROPS_MS = 4_000;

export const smtpDropsAfterData: Fault = {
  name: 'smtp-drops-after-data',
  description: 'the mail server takes messages and drops the connection before it says so',
  async inject({ smtp }) {
    smtp.setBehaviour(({ stage }) => (stage === 'data' ? 'drop' : 'pass'));
    await delay(DROPS_MS);
    smtp.setBehaviour();
  },
  check(_system, { alerts }) {
    const unknown = alerts.filter(({ channel, state }) => channel === 'email' && state === 'unknown');
    return unknown.length > 0 ? [] : ['no email is marked unknown'];
  },
};
