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

/** In milliseconds. A session is looked at twice as often as it has to be, so that one failed look changes nothing. */
const DEFAULT_TIMING: StatusTiming = {
  intervalMs: 2_000,
  deadlineMs: 3_000,
  sessionCheckMs: 15_000,
  stalledReaderMs: 20_000,
};

/** `/ops`: the present state, and with JavaScript all that follows. */
export const statusRoutes =
  ({ db, overview, timing: given }: StatusDependencies): FastifyPluginAsync =>
  async (app) => {
    const pace = { ...DEFAULT_TIMING, ...given };
    const sessions = createOperatorSessions(db);
    const reader = createStatusReader({ overview, log: app.log }, pace);
    const mayLook = async (token: string) => (await sessions.find(token)) !== null;
    await app.register(streamRoutes({ reader, isSignedIn: mayLook, timing: pace }));

    app.get('/ops', async (request, reply) => {
      const operator = requireOperator(request);
      const status = await reader.read();
      if ('away' in status) throw new Unavailable(status.away);
      return sendPage(reply, <StatusPage operator={operator} overview={status.overview} />);
    });
  };
