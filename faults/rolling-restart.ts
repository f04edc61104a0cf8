import type { Fault } from './rig/fault';
import type { Host } from './rig/host';

export const rollingRestart: Fault = {
  name: 'rolling-restart',
  what: 'two APIs and two workers are restarted one after the other (SIGTERM)',
  setting: { apis: 2, workers: 2 },
  async strike({ apis, workers, ledger }) {
    for (const host of [...apis, ...workers]) {
      const code = await host.stop();
      if (code !== 0) ledger.complaints.push(`${host.name} did not end in order (${code})`);
      await startAgain(host);
    }
  },
};

async function startAgain(host: Host): Promise<void> {
  host.start();
  await host.ready();
}
