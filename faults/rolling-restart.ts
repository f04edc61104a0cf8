import type { Fault } from './rig/fault';
import type { SupervisedProcess } from './rig/supervised-process';

export const rollingRestart: Fault = {
  name: 'rolling-restart',
  description: 'two APIs and two workers are restarted one after the other (SIGTERM)',
  systemOptions: { apis: 2, workers: 2 },
  async inject({ apis, workers, ledger }) {
    for (const host of [...apis, ...workers]) {
      const code = await host.stop();
      if (code !== 0) ledger.violations.push(`${host.name} did not end in order (${code})`);
      await startAgain(host);
    }
  },
};

async function startAgain(host: SupervisedProcess): Promise<void> {
  host.start();
  await host.ready();
}
