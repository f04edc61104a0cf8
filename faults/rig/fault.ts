import type { Evidence } from './evidence';
import type { System, SystemOptions } from './system';

/** One fault, and how it is injected. */
export interface Fault {
  /** The name on the command line; its file has the same name. */
  name: string;
  /** What is done, for the table. */
  description: string;
  systemOptions?: SystemOptions;
  /**
   * Prepares the folder of the database.
   *
   * @returns a function that undoes it, or false where this machine cannot do it: the fault is then left out
   */
  prepare?(dataDir: string): (() => void) | false;
  /** Injects the fault while load runs, and returns once everything is restored. */
  inject(system: System): Promise<void>;
  /** Checks further promises once everything is settled. @returns the broken ones */
  check?(system: System, evidence: Evidence): Promise<string[]> | string[];
  /** The reason why SMS may come twice, where the fault is that the provider breaks its own promise. */
  duplicatesExcuse?: string;
}

/** The result of one fault, a row of the table. */
export interface FaultResult {
  name: string;
  description: string;
  /** Acknowledged notices, and the messages the providers received. */
  acknowledged: number;
  sms: number;
  emails: number;
  /** Emails whose arrival is unknown: a person decides about them. */
  unknown: number;
  duplicates: number;
  lost: number;
  /** Alerts that are not final when the wait ends. */
  pending: number;
  /** Seconds from the end of the fault to the first new notice that was sent, and to the last outcome of an earlier one. */
  firstSentAfterSeconds: number | null;
  allSettledAfterSeconds: number | null;
  verdict: 'green' | 'red' | 'left out';
  /** The promises that were broken. */
  violations: string[];
  remark: string;
}

/** Makes the result of a fault that was not run to its end. */
export const emptyResult = (
  { name, description }: Fault,
  ending: Pick<FaultResult, 'verdict' | 'violations' | 'remark'>,
): FaultResult => ({
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
  ...ending,
});
