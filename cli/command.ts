import { AblaghError } from '../core/platform/errors';

export interface CommandInput {
  /** The arguments after the command's own words. */
  args: string[];
  options: { scope?: string; role?: string };
  env: NodeJS.ProcessEnv;
}

/** One command of the command line. */
export interface Command {
  /** The words it is called by: `source add`. */
  path: string[];
  /** The arguments it needs, as the usage names them. */
  parameters: string[];
  /** The names of its options besides --json. */
  options?: string[];
  /** The options as the usage writes them. */
  usage?: string;
  summary: string;
  /** Runs the command. @returns the answer, as one JSON object and as a text for people */
  run(input: CommandInput): Promise<{ data: object; text: string }>;
}

/** A command line that is written wrongly; the usage is shown with the message. */
export class UsageError extends AblaghError {
  constructor(message: string) {
    super('wrong_usage', message);
  }
}
