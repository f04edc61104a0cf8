import type { FastifyPluginAsync } from 'fastify';
import type { Overview } from '../../../core/monitoring/overview';
import { createOperatorSessions } from '../../../core/operators/operator-sessions';
import type { Queryable } from '../../../core/platform/database';
import { Unavailable } from '../../../core/platform/errors';
import { sendPage } from '../../ui/send-page';
import { requireOperator } from '../operator-session';
import type { PollTiming } from './shared-poller';
import { StatusPage } from './status-page';
import { createStatusReader } from './status-reader';
import { type StreamTiming, streamRoutes } from './stream-routes';

export interface StatusDependencies {
  db: Queryable;
  overview: { read(): Promise<Overview> };
  timing?: Partial<StatusTiming>;
}

export type StatusTiming = PollTiming & StreamTiming;

/** The session is checked twice as often as necessary, so that one failed check changes nothing. */
const DEFAULT_TIMING: StatusTiming = {
  intervalMs: 2_000,
  deadlineMs: 3_000,
  sessionCheckMs: 15_000,
  stalledReaderMs: 20_000,
};

/** Serves `/ops`, the present status, and `/ops/stream`, its updates for the script of the page. */
export const statusRoutes =
  ({ db, overview, timing: overrides }: StatusDependencies): FastifyPluginAsync =>
  async (app) => {
    const timing = { ...DEFAULT_TIMING, ...overrides };
    const sessions = createOperatorSessions(db);
    const reader = createStatusReader({ overview, log: app.log }, timing);
    const isSignedIn = async (token: string) => (await sessions.find(token)) !== null;
    await app.register(streamRoutes({ reader, isSignedIn, timing }));

    app.get('/ops', async (request, reply) => {
      const operator = requireOperator(request);
      const status = await reader.read();
      if ('unavailable' in status) throw new Unavailable(status.unavailable);
      return sendPage(reply, <StatusPage operator={operator} overview={status.overview} />);
    });
  };
