import { statement } from '../core/platform/statement';
import type { Fault } from './rig/fault';
import { killAndRestart, killBeforeCommit } from './rig/kill-at';
import { loginCodeIn } from './rig/logins';
import type { System } from './rig/system';
import { until } from './rig/until';

export const killWorkersSendingCodes: Fault = {
  name: 'kill-workers-sending-codes',
  description:
    'kill -9 of the workers at each step of a login code: before and after its claim, after its bytes, before the commit',
  async inject(system) {
    await beforeTheClaim(system);
    await afterTheClaim(system);
    await afterTheBytes(system);
    await beforeTheCommit(system);
  },
};

const beforeTheClaim = (system: System) =>
  killBeforeCommit(system, system.workers, {
    table: 'login_codes',
    change: 'UPDATE',
    applicationName: 'ablagh-workers',
    when: 'OLD.local_id IS NULL AND NEW.local_id IS NOT NULL',
  });

const SELECT_NOW = statement<{ now: Date }>('faults-select-now', 'SELECT now()', { now: 'timestamptz' });

/** A code that was requested after bytes began to vanish has certainly not left. */
async function afterTheClaim({ workers, proxies: { sms }, postgres: { db } }: System): Promise<void> {
  await Promise.all(workers.map((child) => child.ready()));
  const firstDrop = sms.blackhole('upstream');
  const [clock] = await db.query(SELECT_NOW);
  await until('a login code is claimed and has not left', async () => {
    const claimed = await db.query(
      'SELECT FROM login_codes WHERE local_id IS NOT NULL AND code_cipher IS NOT NULL AND requested_at > $1',
      [clock?.now],
    );
    return claimed.length > 0;
  });
  await firstDrop;
  await killAndRestart(workers, async () => sms.passThrough());
}

async function afterTheBytes({ workers, kavenegar }: System): Promise<void> {
  await Promise.all(workers.map((child) => child.ready()));
  let received = 0;
  kavenegar.setBehaviour(({ messages }) => {
    const codes = messages.filter(({ text }) => loginCodeIn(text)).length;
    received += codes;
    return codes > 0 ? 'silent' : 'pass';
  });
  await until('the provider has a login code', () => received > 0);
  await killAndRestart(workers, async () => kavenegar.setBehaviour());
}

async function beforeTheCommit(system: System): Promise<void> {
  await Promise.all(system.workers.map((child) => child.ready()));
  await killBeforeCommit(system, system.workers, {
    table: 'outbox',
    change: 'DELETE',
    applicationName: 'ablagh-workers',
    when: `OLD.queue = 'login-codes'`,
  });
}
