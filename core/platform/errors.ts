/**
 * The base class of every error this system throws on purpose. `code` is stable, in snake_case, and part of the contract. The message
 * is for people, and never holds personal data, the text of a notice or a secret.
 */
export class AblaghError extends Error {
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Returns the code of an error, be it one of ours, of Node or of a driver; undefined where it has none. */
export const codeOf = (error: unknown): string | undefined =>
  (error as { code?: string } | null | undefined)?.code;

/** Returns what a log line may say of an error: its message and its other fields may hold personal data. */
export const errorFields = (error: unknown): { error: string; code: string | undefined } => ({
  error: (error as Error).name,
  code: codeOf(error),
});

/** A faulty field of a request, or a faulty setting: a dotted path, and the rule the value breaks. */
export interface FieldFault {
  path: string;
  message: string;
}

/**
 * Refusal of a request by the rules. `api/problem.ts` maps the code to an HTTP status; the queue intake fails the job for good,
 * because a retry cannot help.
 */
export class Refusal extends AblaghError {
  constructor(
    code: string,
    message: string,
    readonly faults: FieldFault[] = [],
  ) {
    super(code, message);
  }
}

/** Refusal after too many wrong attempts: the caller must wait, even with correct credentials. */
export class LockedOut extends Refusal {
  /** @param retryAfter seconds until the next attempt is considered */
  constructor(
    message: string,
    readonly retryAfter: number,
  ) {
    super('locked_out', message);
  }
}

/** Error of a call whose dependency (`postgres`, `redis`, `attachments` or `memory`) is unavailable. The same call may succeed later. */
export class Unavailable extends AblaghError {
  constructor(
    readonly dependency: string,
    options?: ErrorOptions,
  ) {
    super('unavailable', `${dependency} is unavailable`, options);
  }
}

/** Error of a wrong environment. The message names every fault; the process exits with code 1. */
export class ConfigError extends AblaghError {
  constructor(readonly faults: FieldFault[]) {
    const lines = faults.map((fault) => `  ${fault.path}: ${fault.message}`);
    super('invalid_config', `The environment is not usable:\n${lines.join('\n')}`);
  }
}
