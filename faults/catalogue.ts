import { clockAhead } from './clock-ahead';
import { clockBehind } from './clock-behind';
import { killApiAfterCommit } from './kill-api-after-commit';
import { killApiBeforeCommit } from './kill-api-before-commit';
import { killEverything } from './kill-everything';
import { killIntakeBeforeCommit } from './kill-intake-before-commit';
import { killRecordersBeforeCommit } from './kill-recorders-before-commit';
import { killRelayBeforeCommit } from './kill-relay-before-commit';
import { killRelayBeforePublishing } from './kill-relay-before-publishing';
import { killWorkersAfterAnswer } from './kill-workers-after-answer';
import { killWorkersAfterBytes } from './kill-workers-after-bytes';
import { killWorkersAfterClaim } from './kill-workers-after-claim';
import { killWorkersAtRandom } from './kill-workers-at-random';
import { killWorkersBeforeClaim } from './kill-workers-before-claim';
import { killWorkersBeforeCommit } from './kill-workers-before-commit';
import { killWorkersSendingCodes } from './kill-workers-sending-codes';
import { lineLost } from './line-lost';
import { networkCut } from './network-cut';
import { postgresDiskFull } from './postgres-disk-full';
import { postgresFrozen } from './postgres-frozen';
import { postgresKilled } from './postgres-killed';
import { postgresOutOfConnections } from './postgres-out-of-connections';
import { postgresRestarted } from './postgres-restarted';
import { postgresSlow } from './postgres-slow';
import { provider502 } from './provider-502';
import { providerCallsBackEarly } from './provider-calls-back-early';
import { providerCallsBackOften } from './provider-calls-back-often';
import { providerCut } from './provider-cut';
import { providerDrops } from './provider-drops';
import { providerForgets } from './provider-forgets';
import { providerOutOfCredit } from './provider-out-of-credit';
import { providerRejectsHalf } from './provider-rejects-half';
import { providerSilent } from './provider-silent';
import { providerSlow } from './provider-slow';
import { redisFailedOver } from './redis-failed-over';
import { redisFrozen } from './redis-frozen';
import { redisKilled } from './redis-killed';
import { redisOutOfMemory } from './redis-out-of-memory';
import { redisRestarted } from './redis-restarted';
import { redisSentinel } from './redis-sentinel';
import { redisWiped } from './redis-wiped';
import type { Fault } from './rig/fault';
import { rollingRestart } from './rolling-restart';
import { smtpDropsAfterData } from './smtp-drops-after-data';
import { smtpGreylists } from './smtp-greylists';
import { smtpRefuses } from './smtp-refuses';

/** Every fault, in the order of the table. */
export const FAULTS: Fault[] = [
  killApiBeforeCommit,
  killApiAfterCommit,
  killRelayBeforePublishing,
  killRelayBeforeCommit,
  killIntakeBeforeCommit,
  killWorkersBeforeClaim,
  killWorkersAfterClaim,
  killWorkersAfterBytes,
  killWorkersAfterAnswer,
  killWorkersBeforeCommit,
  killRecordersBeforeCommit,
  killWorkersSendingCodes,
  killWorkersAtRandom,
  killEverything,
  postgresRestarted,
  postgresKilled,
  postgresFrozen,
  postgresSlow,
  postgresOutOfConnections,
  postgresDiskFull,
  redisRestarted,
  redisKilled,
  redisWiped,
  redisOutOfMemory,
  redisFailedOver,
  redisSentinel,
  redisFrozen,
  providerSilent,
  providerSlow,
  providerCut,
  provider502,
  providerDrops,
  providerRejectsHalf,
  providerOutOfCredit,
  providerForgets,
  providerCallsBackEarly,
  providerCallsBackOften,
  lineLost,
  smtpRefuses,
  smtpGreylists,
  smtpDropsAfterData,
  networkCut,
  clockAhead,
  clockBehind,
  rollingRestart,
];

/** One fault of each kind, for a run inside the tests. */
export const SHORT_RUN = [
  killApiAfterCommit,
  killWorkersAfterBytes,
  postgresKilled,
  redisWiped,
  providerCut,
  smtpDropsAfterData,
].map(({ name }) => name);

/** @throws Error that lists the names of all faults */
export function findFault(name: string): Fault {
  const fault = FAULTS.find((one) => one.name === name);
  if (!fault) throw new Error(`There is no fault ${name}: only ${FAULTS.map((one) => one.name).join(', ')}.`);
  return fault;
}
