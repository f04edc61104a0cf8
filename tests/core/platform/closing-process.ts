import { setTimeout } from 'node:timers/promises';
import { createLog } from '../../../core/platform/log';
import { type Closable, closeOnSignal } from '../../../core/platform/shutdown';

/**
 * A process that closes what its parent names, for the tests of `closeOnSignal`: `hangs` never closes, `fails` throws, and
 * anything else takes a moment. It reports each start and end to its parent.
 */
const report = (event: string) => process.send?.(event);

const closable = (name: string): Closable => ({
  name,
  async close() {
    report(`closing ${name}`);
    if (name === 'hangs') await new Promise(() => {});
    if (name === 'fails') throw new Error('cannot be closed');
    await setTimeout(10);
    report(`closed ${name}`);
  },
});

// The listener keeps the process alive, as a server would.
process.on('disconnect', () => process.exit(2));

const [deadline, ...names] = process.argv.slice(2);
closeOnSignal(names.map(closable), createLog('test', 'trace'), Number(deadline));
report('ready');
