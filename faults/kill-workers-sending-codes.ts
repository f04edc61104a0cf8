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

/** A code that was asked for once bytes vanish has not left, whatever becomes of it. */
async function afterTheClaim({ workers, proxies: { sms }, postgres: { db } }: System): Promise<void> {
  await Promise.all(workers.map((host) => host.ready()));
  const swallowed = sms.blackhole('there');
  const [clock] = await db.query<{ now: Date }>('SELECT now()');
  await until('a login code is claimed and has not left', async () => {
    const claimed = await db.query(
      'SELECT FROM login_codes WHERE local_id IS NOT NULL AND code_cipher IS NOT NULL AND requested_at > $1',
      [clock?.now],
    );
    return claimed.length > 0;
  });
  await swallowed;
  await killAndRestart(workers, async () => sms.passThrough());
}

async function afterTheBytes({ workers, kavenegar }: System): Promise<void> {
  await Promise.all(workers.map((host) => host.ready()));
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
  await Promise.all(system.workers.map((host) => host.ready()));
  await killBeforeCommit(system, system.workers, {
    table: 'outbox',
    change: 'DELETE',
    applicationName: 'ablagh-workers',
    when: `OLD.queue = 'login-codes'`,
  });
}
