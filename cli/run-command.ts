import { parseArgs } from 'node:util';
import { AblaghError } from '../core/platform/errors';
import { callbackCommands } from './callbacks';
import { channelCommands } from './channels';
import { type Command, type CommandInput, UsageError } from './command';
import { legacyCommands } from './legacy';
import { migrateCommands } from './migrate';
import { operatorCommands } from './operators';
import { restoredCommands } from './restored';
import { roleCommands } from './roles';
import { secretCommands } from './secrets';
import { sourceCommands } from './sources';

/** The environment of a command line and its two outputs. */
export interface Terminal {
  env: NodeJS.ProcessEnv;
  out: (text: string) => void;
  err: (text: string) => void;
}

const commands: Command[] = [
  ...sourceCommands,
  ...operatorCommands,
  ...callbackCommands,
  ...secretCommands,
  ...channelCommands,
  ...legacyCommands,
  ...migrateCommands,
  ...roleCommands,
  ...restoredCommands,
];

/**
 * Runs one command line. With `--json` exactly one JSON object goes to standard output, otherwise a short text; everything else goes
 * to standard error.
 *
 * @param args the arguments without the program's own name
 * @returns the exit code: 0, or 1 for a wrong usage or a failure
 */
export async function runCommand(args: string[], { env, out, err }: Terminal): Promise<number> {
  try {
    const { values, positionals } = parseArguments(args);
    const { json = false, help = false, ...options } = values;
    if (help) {
      out(usage());
      return 0;
    }
    const command = findCommand(positionals);
    const input = { options, args: positionals.slice(command.path.length), env };
    checkArguments(command, input);
    const { data, text } = await command.run(input);
    out(json ? `${JSON.stringify(data)}\n` : `${text}\n`);
    return 0;
  } catch (error) {
    err(errorText(error));
    return 1;
  }
}

function parseArguments(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        scope: { type: 'string' },
        role: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function findCommand(words: string[]): Command {
  const found = commands.find((command) => command.path.every((word, i) => word === words[i]));
  if (found) return found;
  throw new UsageError(words.length > 0 ? `There is no command "${words.join(' ')}".` : 'Which command?');
}

function checkArguments(command: Command, { args, options }: CommandInput): void {
  if (args.length !== command.parameters.length) {
    throw new UsageError(
      `"${command.path.join(' ')}" takes ${command.parameters.join(' ') || 'no arguments'}.`,
    );
  }
  const stray = Object.keys(options).find((name) => !command.options?.includes(name));
  if (stray) throw new UsageError(`"${command.path.join(' ')}" has no option --${stray}.`);
}

const usage = (): string =>
  ['Usage: npm run --silent ablagh -- COMMAND [--json]', '', ...commands.map(describe), ''].join('\n');

const describe = ({ path, parameters, usage = '', summary }: Command): string =>
  `  ${[...path, ...parameters, usage].join(' ').trim()}\n      ${summary}`;

function errorText(error: unknown): string {
  if (error instanceof UsageError) return `${error.message}\n\n${usage()}`;
  if (error instanceof AblaghError) return `${error.message}\n`;
  return `${(error as Error).stack ?? error}\n`;
}
