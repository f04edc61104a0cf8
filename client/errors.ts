import type { FieldFault } from './notice';

/** A final refusal: the same request would be refused again. */
export class AblaghRefused extends Error {
  override readonly name = 'AblaghRefused';

  /**
   * @param status the HTTP status; 0 from the queue, which has none
   * @param code stable and snake_case, such as `unknown_employer`
   * @param errors the faulty fields, if the answer names any
   */
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly errors: FieldFault[] = [],
  ) {
    super(`${code}: ${detail}`);
  }
}

/**
 * The other side gave no answer, so the outcome of the request is unknown. Sending the same again is safe: the `reference` of a
 * notice counts once.
 */
export class AblaghUnreachable extends Error {
  override readonly name = 'AblaghUnreachable';
  /** The HTTP status of the last attempt, if it was answered. */
  readonly status: number | undefined;
  /** The milliseconds of its `Retry-After`, if it gave one. */
  readonly retryAfter: number | undefined;

  constructor(message: string, options: ErrorOptions & { status?: number; retryAfter?: number } = {}) {
    super(message, options);
    this.status = options.status;
    this.retryAfter = options.retryAfter;
  }
}

/** Gives the code or name of an error, for messages that must not quote the error's own text. */
export function nameOf(error: unknown): string {
  const { code, name } = error as Error & { code?: unknown };
  return typeof code === 'string' ? code : name;
}
