/**
 * The base of every error this system throws on purpose. `code` is stable, snake_case and part of the
 * contract; the message is for people and never holds a person's data, a text or a secret.
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

/** One faulty field of a request: a dotted path and what is wrong with it. */
export interface FieldFault {
  path: string;
  message: string;
}

/**
 * A request that the rules turn down. `api/problem.ts` maps the code to an HTTP status; the queue door
 * gives the job up, because asking again cannot help.
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

/** Too many wrong tries: whoever it is has to wait, also with what is right. */
export class LockedOut extends Refusal {
  /** @param retryAfter seconds until it is worth trying again */
  constructor(
    message: string,
    readonly retryAfter: number,
  ) {
    super('locked_out', message);
  }
}

/** A dependency is away; the same call may succeed later. `part` names it: `postgres`, `queue`, `attachments`. */
export class Unavailable extends AblaghError {
  constructor(
    readonly dependency: string,
    options?: ErrorOptions,
  ) {
    super('unavailable', `${dependency} is unavailable`, options);
  }
}

/** The environment is wrong. The message names every fault; the process exits with code 1. */
export class ConfigError extends AblaghError {
  constructor(readonly faults: FieldFault[]) {
    const lines = faults.map((fault) => `  ${fault.path}: ${fault.message}`);
    super('invalid_config', `The environment is not usable:\n${lines.join('\n')}`);
  }
}
