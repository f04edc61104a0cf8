import { renewPasscodes } from '../core/permits/renew-passcodes';
import { secretKeysOf } from '../core/platform/derived-keys';
import type { Command } from './command';
import { loadSettings } from './settings';
import { withDatabase } from './with-database';

export const secretCommands: Command[] = [
  {
    path: ['secret', 'renew'],
    parameters: [],
    summary: 'puts living passcodes under SECRET_KEY, so that SECRET_KEY_PREVIOUS may go (docs/security.md)',
    async run({ env }) {
      const keys = secretKeysOf(loadSettings(env, ['DATABASE_URL', 'SECRET_KEY']));
      const renewed = await withDatabase(env, (db) => renewPasscodes(db, keys));
      return { data: { renewed }, text: `${renewed} passcodes were under another key, and are no longer.` };
    },
  },
];
