import type { Overview } from '../../../core/monitoring/overview';
import { Unavailable } from '../../../core/platform/errors';
import type { Log } from '../../../core/platform/log';
import { renderPanels, statusTitle } from './panels';
import { createSharedPoller, type PollTiming } from './shared-poller';

/** The status, rendered once for all readers, or the dependency that does not answer. */
export type Status = RenderedStatus | { unavailable: string };
export interface RenderedStatus {
  overview: Overview;
  title: string;
  panels: Record<string, string>;
}

export interface StatusReaderDependencies {
  overview: { read(): Promise<Overview> };
  log: Pick<Log, 'error'>;
}

/** Creates the one status reader of a process. A reading past its deadline counts as an outage of PostgreSQL. */
export function createStatusReader({ overview, log }: StatusReaderDependencies, timing: PollTiming) {
  const read = async (): Promise<Status> => {
    try {
      const present = await overview.read();
      return { overview: present, title: statusTitle(present), panels: renderPanels(present) };
    } catch (error) {
      if (error instanceof Unavailable) return { unavailable: error.dependency };
      // No request is there to answer with an error, so the readers see that the server has no status.
      log.error({ err: error }, 'the status cannot be read');
      return { unavailable: 'server' };
    }
  };
  return createSharedPoller<Status>(read, { unavailable: 'postgres' }, timing);
}

export type StatusReader = ReturnType<typeof createStatusReader>;
