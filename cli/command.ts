import { AblaghError } from '../core/platform/errors';

export interface CommandInput {
  /** What stood after the command's words. */
  args: string[];
  options: { scope?: string; role?: string };
  env: NodeJS.ProcessEnv;
}

/** One thing the command line can do. */
export interface Command {
  /** What it is called by: `source add`. */
  path: string[];
  /** The arguments it needs, as they are named in the usage. */
  parameters: string[];
  /** Names of options it takes besides --json. */
  options?: string[];
  /** How those options are written. */
  usage?: string;
  summary: string;
  /** @returns the answer, as one JSON object and as a text for people */
  run(input: CommandInput): Promise<{ data: object; text: string }>;
}

/** The command line was written wrongly; the usage is shown with the message. */
export class UsageError extends AblaghError {
  constructor(message: string) {
    super('wrong_usage', message);
  }
}
