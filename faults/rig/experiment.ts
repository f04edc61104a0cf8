import { setTimeout as delay } from 'node:timers/promises';
import { collectEvidence, type Evidence } from './evidence';
import type { Fault, Result } from './fault';
import type { Findings } from './findings';
import { judge } from './judge';
import { someoneGetsIn, startLogins } from './logins';
import { startReaders } from './readers';
import { recoveryOf } from './recovery';
import { startSenders } from './senders';
import { untilSettled } from './settle';
import { openSystem, type System } from './system';
import { comesTrue, until } from './until';

/** Milliseconds of ordinary load after the strike. */
const AFTERWARDS_MS = 3_000;
/** How long a sender may be without an answer once the plug is back in. */
const ANSWER_MS = 90_000;
/** How long a system may take on a machine that has much else to do. */
const WARM_MS = 120_000;
const WARM = { acknowledged: 40, sms: 25, emails: 25 };

export interface Manner {
  /** Whether what would take minutes is made due. */
  short: boolean;
  /** Is called once the load has ended, and nothing but waiting is left. */
  onQuiet(): void;
}

/**
 * Pulls one plug of a system of its own while it works, waits until all is settled, and compares what the
 * world outside knows with what the system says.
 *
 * @param dataDir an empty folder, or one with a cluster that is migrated already
 */
export async function runFault(fault: Fault, dataDir: string, manner: Manner): Promise<Result> {
  const system = await openSystem(dataDir, fault.setting);
  try {
    return await observe(fault, system, manner);
  } finally {
    await system.close();
  }
}

async function observe(fault: Fault, system: System, { short, onQuiet }: Manner): Promise<Result> {
  const { ledger, kavenegar, smtp, postgres } = system;
  const part = { ...system, db: postgres.db };
  const senders = startSenders(part);
  const load = [...senders, ...startReaders(part), startLogins(part)];
  const isInFullSwing = () =>
    ledger.acknowledged().length > WARM.acknowledged &&
    ledger.permits.length > 0 &&
    ledger.logins.some(({ entered }) => entered > 0) &&
    kavenegar.count() > WARM.sms &&
    smtp.count() > WARM.emails;
  await until('the system is in full swing', isInFullSwing, WARM_MS);
  await fault.strike(system);
  const struckUntil = Date.now();
  const isBack = () => ledger.acknowledged().some(({ askedAt }) => askedAt > struckUntil);
  await comesTrue('a new notice is acknowledged', isBack, ANSWER_MS);
  await delay(AFTERWARDS_MS);
  for (const pace of load) pace.stop();
  onQuiet();
  const deadline = Date.now() + ANSWER_MS;
  for (const pace of load) await pace.ended(Math.max(0, deadline - Date.now()));
  const left = await untilSettled(postgres.db, short);
  const getsIn = await someoneGetsIn(part).catch(() => false);
  const evidence = await collectEvidence(system);
  const findings = judge(ledger, evidence);
  const complaints = [
    ...findings.complaints,
    ...[...system.apis, ...system.workers].flatMap((host) => host.deaths()),
    ...(getsIn ? [] : ['nobody can log in when all is over']),
    ...(left.forgotten > 0 ? [`${left.forgotten} alerts are forgotten`] : []),
    ...((await fault.check?.(system, evidence)) ?? []),
  ];
  return {
    ...figures(fault, system, evidence, findings),
    onTheirWay: left.alerts,
    lost: findings.lost + left.forgotten,
    ...recoveryOf(ledger, evidence, struckUntil),
    ...verdictOf(fault, complaints, [
      ...system.remarks,
      ...(left.alerts > 0 ? [`${left.alerts} still on their way`] : []),
    ]),
  };
}

function figures(
  { name, what }: Fault,
  { ledger }: System,
  { alerts, sms, emails }: Evidence,
  { doubles }: Findings,
) {
  return {
    name,
    what,
    acknowledged: ledger.acknowledged().length,
    sms: sms.length,
    emails: emails.length,
    unknown: alerts.filter(({ channel, state }) => channel === 'email' && state === 'unknown').length,
    doubles,
  };
}

const DOUBLED = /SMS too many|login codes came twice|got more login codes/;

/** Doubles that are the provider's doing are no complaint. */
function verdictOf({ mayDouble }: Fault, complaints: string[], remarks: string[]) {
  const left = mayDouble ? complaints.filter((text) => !DOUBLED.test(text)) : complaints;
  return {
    complaints: left,
    verdict: left.length > 0 ? ('red' as const) : ('green' as const),
    remark: [...(mayDouble ? [mayDouble] : []), ...remarks].join('; '),
  };
}

/** The row of a fault that cannot be had on this machine. */
export const leftOut = ({ name, what }: Fault): Result => ({
  name,
  what,
  acknowledged: 0,
  sms: 0,
  emails: 0,
  unknown: 0,
  doubles: 0,
  lost: 0,
  onTheirWay: 0,
  firstAfter: null,
  allAfter: null,
  verdict: 'left out',
  complaints: [],
  remark: 'not possible on this machine',
});
