import { createLines, type LineState } from '../core/channels/lines';
import { AblaghError } from '../core/platform/errors';
import { CHANNELS, type Channel } from '../core/platform/queues';
import { type Command, type CommandInput, UsageError } from './command';
import { withDatabase } from './with-database';

type Lines = ReturnType<typeof createLines>;

const withLines = <T>({ env }: CommandInput, work: (lines: Lines) => Promise<T>): Promise<T> =>
  withDatabase(env, (db) => work(createLines(db)));

async function openChannel(input: CommandInput) {
  const [name] = input.args as [string];
  if (!CHANNELS.includes(name as Channel)) {
    throw new UsageError(`There is no channel "${name}"; there are ${CHANNELS.join(', ')}.`);
  }
  const opened = await withLines(input, (lines) => lines.openChannel(name as Channel));
  return { data: { channel: name, opened }, text: opened ? `${name} is open again.` : `${name} was open.` };
}

async function list(input: CommandInput) {
  const lines = await withLines(input, (all) => all.list());
  return { data: { lines }, text: lines.map(describe).join('\n') };
}

const describe = ({ name, channel, state, code, reason, perSecond, brokenUntil }: LineState): string =>
  [
    name,
    channel,
    state === 'open' && brokenUntil ? `left alone until ${brokenUntil.toISOString()}` : state,
    perSecond === null ? 'no rate' : `${perSecond} a second`,
    code === null ? '' : `${code} ${reason}`,
  ]
    .filter(Boolean)
    .join('  ');

async function openLine(input: CommandInput) {
  const [name] = input.args as [string];
  const opened = await withLines(input, async (lines) => {
    await assertLineExists(lines, name);
    return lines.open(name);
  });
  return { data: { line: name, opened }, text: opened ? `${name} is open again.` : `${name} was open.` };
}

async function setRate(input: CommandInput) {
  const [name, given] = input.args as [string, string];
  if (given !== 'none' && !/^[1-9]\d{0,5}$/.test(given)) {
    throw new UsageError('A rate is a whole number of messages a second, or "none".');
  }
  const perSecond = given === 'none' ? null : Number(given);
  await withLines(input, async (lines) => {
    await assertLineExists(lines, name);
    await lines.setRate(name, perSecond);
  });
  const text =
    perSecond === null
      ? `${name} has no rate any more.`
      : `${name} sends ${perSecond} messages a second at most.`;
  return { data: { line: name, perSecond }, text };
}

async function assertLineExists(lines: Lines, name: string): Promise<void> {
  const names = (await lines.list()).map((line) => line.name);
  if (!names.includes(name)) {
    throw new AblaghError('unknown_line', `There is no line "${name}"; there are ${names.join(', ')}.`);
  }
}

export const channelCommands: Command[] = [
  {
    path: ['channel', 'open'],
    parameters: ['sms|email'],
    summary: 'opens all lines of a channel that the provider refused; what waited goes out',
    run: openChannel,
  },
  {
    path: ['line', 'list'],
    parameters: [],
    summary: 'lists the lines to the providers, whether each may be used, and how fast',
    run: list,
  },
  {
    path: ['line', 'open'],
    parameters: ['NAME'],
    summary: 'opens a line that was refused, or that is left alone because its calls failed',
    run: openLine,
  },
  {
    path: ['line', 'rate'],
    parameters: ['NAME', 'PER_SECOND|none'],
    summary: 'sets how many messages a second a line may send, all workers together',
    run: setRate,
  },
];
