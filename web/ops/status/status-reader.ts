import type { Overview } from '../../../core/monitoring/overview';
import { Unavailable } from '../../../core/platform/errors';
import type { Log } from '../../../core/platform/log';
import { renderPanels, statusTitle } from './panels';
import { createSharedPoller, type PollTiming } from './shared-poller';

/** What there is to show: everything, rendered once for all who look, or what is away. */
export type Status = RenderedStatus | { away: string };
export interface RenderedStatus {
  overview: Overview;
  title: string;
  panels: Record<string, string>;
}

export interface StatusReaderDependencies {
  overview: { read(): Promise<Overview> };
  log: Pick<Log, 'error'>;
}

/** The one reader of the status in a process. A reading that does not come is told as one of a PostgreSQL that is away. */
export function createStatusReader({ overview, log }: StatusReaderDependencies, pace: PollTiming) {
  const take = async (): Promise<Status> => {
    try {
      const read = await overview.read();
      return { overview: read, title: statusTitle(read), panels: renderPanels(read) };
    } catch (error) {
      if (error instanceof Unavailable) return { away: error.dependency };
      // Nobody is there to throw it to: whoever looks is told that the server cannot say.
      log.error({ err: error }, 'the status cannot be read');
      return { away: 'server' };
    }
  };
  return createSharedPoller<Status>(take, { away: 'postgres' }, pace);
}

export type StatusReader = ReturnType<typeof createStatusReader>;
