import { setTimeout as delay } from 'node:timers/promises';
import type { CheckResult } from './check-result';
import { collectEvidence, type Evidence } from './evidence';
import { emptyResult, type Fault, type FaultResult } from './fault';
import { judge } from './judge';
import { canLogIn, startLogins } from './logins';
import { startReaders } from './readers';
import { recoveryOf } from './recovery';
import { startSenders } from './senders';
import { openSystem, type System } from './system';
import { becomesTrue, until } from './until';
import { untilSettled } from './until-settled';

/** Milliseconds of ordinary load after the fault. */
const LOAD_AFTER_FAULT_MS = 3_000;
/** The time a sender may wait for an answer once everything is restored. */
const ANSWER_TIMEOUT_MS = 90_000;
/** The time a busy machine may take until the system works at its full rate. */
const WARM_UP_TIMEOUT_MS = 120_000;
const WARM_UP_COUNTS = { acknowledged: 40, sms: 25, emails: 25 };

export interface RunOptions {
  /** Whether slow steps are made due. */
  short: boolean;
  /** Called once the load has ended and only waiting is left. */
  onLoadEnded(): void;
}

/**
 * Injects one fault into a system of its own while the system works, waits until everything is settled, and compares the ledger
 * of the clients with the system's records.
 *
 * @param dataDir an empty folder, or one with a migrated cluster
 */
export async function runFault(fault: Fault, dataDir: string, options: RunOptions): Promise<FaultResult> {
  const system = await openSystem(dataDir, fault.systemOptions);
  try {
    return await observe(fault, system, options);
  } finally {
    await system.close();
  }
}

async function observe(
  fault: Fault,
  system: System,
  { short, onLoadEnded }: RunOptions,
): Promise<FaultResult> {
  const { ledger, postgres, remarks } = system;
  const restoredAt = await injectUnderLoad(fault, system, onLoadEnded);
  const unsettled = await untilSettled(postgres.db, short);
  const loginWorks = await canLogIn(system).catch(() => false);
  const evidence = await collectEvidence(system);
  const judgement = judge(ledger, evidence);
  const violations = [
    ...judgement.violations,
    ...[...system.apis, ...system.workers].flatMap((child) => child.crashes()),
    ...(loginWorks ? [] : ['nobody can log in when all is over']),
    ...(unsettled.orphaned > 0 ? [`${unsettled.orphaned} alerts have no work left`] : []),
    ...((await fault.check?.(system, evidence)) ?? []),
  ];
  return {
    ...figures(fault, system, evidence, judgement),
    pending: unsettled.alerts,
    lost: judgement.lost + unsettled.orphaned,
    ...recoveryOf(ledger, evidence, restoredAt),
    ...verdictOf(fault, violations, [
      ...remarks,
      ...(unsettled.alerts > 0 ? [`${unsettled.alerts} still on their way`] : []),
    ]),
  };
}

/**
 * Lets load run, injects the fault once the system works at its full rate, and stops the load a while after the system answers
 * again.
 *
 * @returns the instant at which everything was restored, in milliseconds of the clock
 */
async function injectUnderLoad(fault: Fault, system: System, onLoadEnded: () => void): Promise<number> {
  const { ledger, kavenegar, smtp } = system;
  const withDatabase = { ...system, db: system.postgres.db };
  const load = [...startSenders(system), ...startReaders(withDatabase), startLogins(system)];
  const isWarm = () =>
    ledger.acknowledged().length > WARM_UP_COUNTS.acknowledged &&
    ledger.permits.length > 0 &&
    ledger.logins.some(({ signIns }) => signIns > 0) &&
    kavenegar.count() > WARM_UP_COUNTS.sms &&
    smtp.count() > WARM_UP_COUNTS.emails;
  await until('the system works at its full rate', isWarm, WARM_UP_TIMEOUT_MS);
  await fault.inject(system);
  const restoredAt = Date.now();
  const answersAgain = () => ledger.acknowledged().some(({ requestedAt }) => requestedAt > restoredAt);
  await becomesTrue('a new notice is acknowledged', answersAgain, ANSWER_TIMEOUT_MS);
  await delay(LOAD_AFTER_FAULT_MS);
  for (const generator of load) generator.stop();
  onLoadEnded();
  const deadline = Date.now() + ANSWER_TIMEOUT_MS;
  for (const generator of load) await generator.drained(Math.max(0, deadline - Date.now()));
  return restoredAt;
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

/** Judges the violations. Duplicates that the provider causes are none. */
function verdictOf({ duplicatesExcuse }: Fault, all: string[], remarks: string[]) {
  const violations = duplicatesExcuse ? all.filter((text) => !DUPLICATE_VIOLATION.test(text)) : all;
  return {
    violations,
    verdict: violations.length > 0 ? ('red' as const) : ('green' as const),
    remark: [...(duplicatesExcuse ? [duplicatesExcuse] : []), ...remarks].join('; '),
  };
}

/** Makes the result of a fault that this machine cannot have. */
export const leftOutResult = (fault: Fault): FaultResult =>
  emptyResult(fault, { verdict: 'left out', violations: [], remark: 'not possible on this machine' });
