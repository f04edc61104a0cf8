import type { Evidence } from './evidence';
import type { System, SystemOptions } from './system';

/** One plug, and how it is pulled. */
export interface Fault {
  /** As it is named on the command line; its file has the same name. */
  name: string;
  /** What is done, for the table. */
  description: string;
  systemOptions?: SystemOptions;
  /**
   * Makes the folder ready the database will lie in. @returns what undoes that, or false where it cannot be had
   * on this machine: then the fault is left out
   */
  prepare?(dataDir: string): (() => void) | false;
  /** Pulls the plug while load runs, and returns once it is back in. */
  inject(system: System): Promise<void>;
  /** What else must hold once everything is settled. @returns what does not */
  check?(system: System, evidence: Evidence): Promise<string[]> | string[];
  /** Says why SMS may come twice here, where the fault is that the provider breaks its word. */
  duplicatesExcuse?: string;
}

/** What came of one fault, a row of the table. */
export interface FaultResult {
  name: string;
  description: string;
  /** Notices that were acknowledged, and what the providers received. */
  acknowledged: number;
  sms: number;
  emails: number;
  /** Emails of which nobody knows whether they arrived: a person decides. */
  unknown: number;
  duplicates: number;
  lost: number;
  /** Alerts that are still on their way after all patience. */
  pending: number;
  /** Seconds from the end of the strike to the first new notice handed over, and until all before it were. */
  firstSentAfterSeconds: number | null;
  allSettledAfterSeconds: number | null;
  verdict: 'green' | 'red' | 'left out';
  /** What did not hold. */
  violations: string[];
  remark: string;
}
