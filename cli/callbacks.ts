import { kavenegarCallbackUrl } from '../core/platform/derived-keys';
import type { Command } from './command';
import { loadSettings } from './settings';

export const callbackCommands: Command[] = [
  {
    path: ['callbacks'],
    parameters: [],
    summary: 'the addresses to enter at the providers; keep them secret',
    async run({ env }) {
      const { PUBLIC_URL, SECRET_KEY } = loadSettings(env, ['SECRET_KEY']);
      const kavenegar = kavenegarCallbackUrl(PUBLIC_URL, SECRET_KEY);
      return { data: { kavenegar }, text: `Kavenegar: ${kavenegar}` };
    },
  },
];
