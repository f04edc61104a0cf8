import type { FieldFault } from './notice';

/** The answer is final: the same again would be refused again. */
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
 * No answer could be had, so what became of the request is not known. Sending the same again is safe: the
 * `reference` of a notice counts once.
 */
export class AblaghUnreachable extends Error {
  override readonly name = 'AblaghUnreachable';
  /** The HTTP status, if the last try was answered with one. */
  readonly status: number | undefined;
  /** Milliseconds the other side asked to be left alone for. */
  readonly retryAfter: number | undefined;

  constructor(message: string, options: ErrorOptions & { status?: number; retryAfter?: number } = {}) {
    super(message, options);
    this.status = options.status;
    this.retryAfter = options.retryAfter;
  }
}

/** What an error is called, for a message that may hold nothing of the error's own words. */
export function nameOf(error: unknown): string {
  const { code, name } = error as Error & { code?: unknown };
  return typeof code === 'string' ? code : name;
}
