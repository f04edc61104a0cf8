import { randomUUID } from 'node:crypto';
import { createFindings } from '../core/monitoring/findings';
import type { Database } from '../core/platform/database';
import type { Log } from '../core/platform/log';
import type { Metrics } from '../core/platform/metrics';
import { createOutbox } from '../core/platform/outbox';
import type { QueueBackend } from '../core/platform/queue-backend';
import { statement } from '../core/platform/statement';

export interface EpochDependencies {
  db: Database;
  backend: QueueBackend;
  log: Log;
  metrics?: Pick<Metrics, 'countEpochChange'>;
}

const READ_EPOCH = statement<{ epoch: string }>('read-epoch', 'SELECT epoch FROM queue_epoch', {
  epoch: 'text',
});
const LOCK_EPOCH = statement<{ epoch: string }>('lock-epoch', 'SELECT epoch FROM queue_epoch FOR UPDATE', {
  epoch: 'text',
});

/** The epoch before a backend was ever marked. */
const NO_EPOCH = 'none';

/**
 * Detects that the queue backend lost its jobs: the epoch kept beside them is gone or another one. Everything that was published
 * becomes pending again under a new epoch. One process does it; the others see the result.
 */
export async function guardEpoch({ db, backend, log, metrics }: EpochDependencies): Promise<void> {
  const [known] = await db.query(READ_EPOCH);
  if (known && (await backend.readEpoch(known.epoch)) === known.epoch) return;
  await db.transaction(async (trx) => {
    await trx.query('INSERT INTO queue_epoch (epoch) VALUES ($1) ON CONFLICT DO NOTHING', [NO_EPOCH]);
    const [locked] = await trx.query(LOCK_EPOCH);
    const before = locked?.epoch ?? NO_EPOCH;
    if (before !== NO_EPOCH && (await backend.readEpoch(before)) === before) return;
    const epoch = randomUUID();
    const republished = await createOutbox(trx).republishAll();
    await trx.query('UPDATE queue_epoch SET epoch = $1', [epoch]);
    await backend.writeEpoch(epoch);
    if (before === NO_EPOCH) return log.info('queue marked for the first time');
    await createFindings(trx).raise({ rule: 'epoch-changed', subject: 'queue', detail: `${republished}` });
    metrics?.countEpochChange();
    log.error({ republished }, 'the queue lost its jobs: everything that was published goes out again');
  });
}
