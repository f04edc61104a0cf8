import { renewPasscodes } from '../core/permits/renew-passcodes';
import { createDatabase } from '../core/platform/database';
import { secretKeysOf } from '../core/platform/derived-keys';
import type { Command } from './command';
import { loadSettings } from './settings';

export const secretCommands: Command[] = [
  {
    path: ['secret', 'renew'],
    parameters: [],
    summary: 'puts living passcodes under SECRET_KEY, so that SECRET_KEY_PREVIOUS may go (docs/security.md)',
    async run({ env }) {
      const config = loadSettings(env, ['DATABASE_URL', 'SECRET_KEY']);
      const db = createDatabase(config.DATABASE_URL, { max: 1, name: 'ablagh-cli' });
      try {
        const renewed = await renewPasscodes(db, secretKeysOf(config));
        return { data: { renewed }, text: `${renewed} passcodes were under another key, and are no longer.` };
      } finally {
        await db.close();
      }
    },
  },
];
