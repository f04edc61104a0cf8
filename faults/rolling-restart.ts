import type { Fault } from './rig/fault';
import type { SupervisedProcess } from './rig/supervised-process';

export const rollingRestart: Fault = {
  name: 'rolling-restart',
  description: 'two APIs and two workers are restarted one after the other (SIGTERM)',
  systemOptions: { apis: 2, workers: 2 },
  async inject({ apis, workers, ledger }) {
    for (const child of [...apis, ...workers]) {
      const code = await child.stop();
      if (code !== 0) ledger.violations.push(`${child.name} did not end in order (${code})`);
      await startAgain(child);
    }
  },
};

async function startAgain(child: SupervisedProcess): Promise<void> {
  child.start();
  await child.ready();
}
