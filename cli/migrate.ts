import { migrate } from '../migrations/migrate';
import type { Command } from './command';
import { loadSettings } from './settings';

export const migrateCommands: Command[] = [
  {
    path: ['migrate'],
    parameters: [],
    summary: 'brings the database up to date',
    async run({ env }) {
      const { DATABASE_URL } = loadSettings(env, ['DATABASE_URL']);
      const applied = await migrate(DATABASE_URL);
      return {
        data: { applied },
        text: applied.length > 0 ? `Applied: ${applied.join(', ')}` : 'Nothing to do.',
      };
    },
  },
];
