import { type ResumeReport, resumeAfterRestore } from '../core/restore/resume-after-restore';
import { type Command, type CommandInput, UsageError } from './command';
import { withDatabase } from './with-database';

const RFC_3339_PATTERN = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

async function resume({ args, env }: CommandInput) {
  const lostAfter = parseInstant(args[0] as string);
  // The statements may have to read all alerts and events, so they have no timeout.
  const resumed = await withDatabase(env, (db) => resumeAfterRestore(db, lostAfter), { statementTimeout: 0 });
  return { data: { lostAfter, ...resumed }, text: describe(resumed) };
}

function parseInstant(given: string): Date | null {
  if (given === 'complete') return null;
  const instant = new Date(given);
  if (!RFC_3339_PATTERN.test(given) || Number.isNaN(instant.getTime())) {
    throw new UsageError(`"${given}" is neither "complete" nor a moment such as 2026-11-25T20:00:00Z.`);
  }
  if (instant.getTime() > Date.now()) throw new UsageError(`${given} is yet to come.`);
  return instant;
}

const describe = ({ held, asked, republished }: ResumeReport): string =>
  [
    'Work goes on, with new numbers; what is still in Redis counts as lost.',
    `${held} alerts may have been sent in the time that is lost: decide about them at /ops/dead-letters.`,
    `${asked} alerts were just being sent: the provider is asked about them.`,
    `${republished} pieces of work are published again.`,
  ].join('\n');

export const restoredCommands: Command[] = [
  {
    path: ['restored'],
    parameters: ['complete|TIME'],
    summary:
      'lets work go on in a restored database that has every commit, or those until TIME (docs/operation.md)',
    run: resume,
  },
];
