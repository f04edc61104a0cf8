import { setTimeout as delay } from 'node:timers/promises';
import type { CheckResult } from './check-result';
import { collectEvidence, type Evidence } from './evidence';
import type { Fault, FaultResult } from './fault';
import { judge } from './judge';
import { canLogIn, startLogins } from './logins';
import { startReaders } from './readers';
import { recoveryOf } from './recovery';
import { startSenders } from './senders';
import { openSystem, type System } from './system';
import { becomesTrue, until } from './until';
import { untilSettled } from './until-settled';

/** Milliseconds of ordinary load after the strike. */
const LOAD_AFTER_STRIKE_MS = 3_000;
/** How long a sender may be without an answer once the plug is back in. */
const ANSWER_TIMEOUT_MS = 90_000;
/** How long a system may take on a machine that has much else to do. */
const WARM_UP_TIMEOUT_MS = 120_000;
const WARM_UP_COUNTS = { acknowledged: 40, sms: 25, emails: 25 };

export interface RunOptions {
  /** Whether what would take minutes is made due. */
  short: boolean;
  /** Is called once the load has ended, and nothing but waiting is left. */
  onLoadEnded(): void;
}

/**
 * Pulls one plug of a system of its own while it works, waits until all is settled, and compares what the
 * world outside knows with what the system says.
 *
 * @param dataDir an empty folder, or one with a cluster that is migrated already
 */
export async function runFault(fault: Fault, dataDir: string, manner: RunOptions): Promise<FaultResult> {
  const system = await openSystem(dataDir, fault.systemOptions);
  try {
    return await observe(fault, system, manner);
  } finally {
    await system.close();
  }
}

async function observe(
  fault: Fault,
  system: System,
  { short, onLoadEnded }: RunOptions,
): Promise<FaultResult> {
  const { ledger, kavenegar, smtp, postgres } = system;
  const part = { ...system, db: postgres.db };
  const senders = startSenders(part);
  const load = [...senders, ...startReaders(part), startLogins(part)];
  const isInFullSwing = () =>
    ledger.acknowledged().length > WARM_UP_COUNTS.acknowledged &&
    ledger.permits.length > 0 &&
    ledger.logins.some(({ signIns }) => signIns > 0) &&
    kavenegar.count() > WARM_UP_COUNTS.sms &&
    smtp.count() > WARM_UP_COUNTS.emails;
  await until('the system is in full swing', isInFullSwing, WARM_UP_TIMEOUT_MS);
  await fault.inject(system);
  const struckUntil = Date.now();
  const isBack = () => ledger.acknowledged().some(({ requestedAt }) => requestedAt > struckUntil);
  await becomesTrue('a new notice is acknowledged', isBack, ANSWER_TIMEOUT_MS);
  await delay(LOAD_AFTER_STRIKE_MS);
  for (const pace of load) pace.stop();
  onLoadEnded();
  const deadline = Date.now() + ANSWER_TIMEOUT_MS;
  for (const pace of load) await pace.drained(Math.max(0, deadline - Date.now()));
  const left = await untilSettled(postgres.db, short);
  const getsIn = await canLogIn(part).catch(() => false);
  const evidence = await collectEvidence(system);
  const findings = judge(ledger, evidence);
  const complaints = [
    ...findings.violations,
    ...[...system.apis, ...system.workers].flatMap((host) => host.crashes()),
    ...(getsIn ? [] : ['nobody can log in when all is over']),
    ...(left.forgotten > 0 ? [`${left.forgotten} alerts are forgotten`] : []),
    ...((await fault.check?.(system, evidence)) ?? []),
  ];
  return {
    ...figures(fault, system, evidence, findings),
    pending: left.alerts,
    lost: findings.lost + left.forgotten,
    ...recoveryOf(ledger, evidence, struckUntil),
    ...verdictOf(fault, complaints, [
      ...system.remarks,
      ...(left.alerts > 0 ? [`${left.alerts} still on their way`] : []),
    ]),
  };
}

function figures(
  { name, description }: Fault,
  { ledger }: System,
  { alerts, sms, emails }: Evidence,
  { duplicates }: CheckResult,
) {
  return {
    name,
    description,
    acknowledged: ledger.acknowledged().length,
    sms: sms.length,
    emails: emails.length,
    unknown: alerts.filter(({ channel, state }) => channel === 'email' && state === 'unknown').length,
    duplicates,
  };
}

const DUPLICATE_VIOLATION = /SMS too many|login codes came twice|got more login codes/;

/** Doubles that are the provider's doing are no complaint. */
function verdictOf({ duplicatesExcuse }: Fault, complaints: string[], remarks: string[]) {
  const left = duplicatesExcuse ? complaints.filter((text) => !DUPLICATE_VIOLATION.test(text)) : complaints;
  return {
    violations: left,
    verdict: left.length > 0 ? ('red' as const) : ('green' as const),
    remark: [...(duplicatesExcuse ? [duplicatesExcuse] : []), ...remarks].join('; '),
  };
}

/** The row of a fault that cannot be had on this machine. */
export const leftOutResult = ({ name, description }: Fault): FaultResult => ({
  name,
  description,
  acknowledged: 0,
  sms: 0,
  emails: 0,
  unknown: 0,
  duplicates: 0,
  lost: 0,
  pending: 0,
  firstSentAfterSeconds: null,
  allSettledAfterSeconds: null,
  verdict: 'left out',
  violations: [],
  remark: 'not possible on this machine',
});
