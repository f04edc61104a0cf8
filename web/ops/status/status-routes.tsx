import type { FastifyPluginAsync } from 'fastify';
import type { Overview } from '../../../core/operation/overview';
import { createOperatorSessions } from '../../../core/operators/operator-sessions';
import type { Queryable } from '../../../core/platform/database';
import { Unavailable } from '../../../core/platform/errors';
import { sendPage } from '../../frame/html';
import { operatorOf } from '../operator-session';
import type { ReadingPace } from './shared-reader';
import { StatusPage } from './status-page';
import { createStatusReader } from './status-reader';
import { type StreamPace, streamRoutes } from './stream-routes';

export interface StatusDependencies {
  db: Queryable;
  overview: { read(): Promise<Overview> };
  pace?: Partial<StatusPace>;
}

export type StatusPace = ReadingPace & StreamPace;

/** In milliseconds. A session is looked at twice as often as it has to be, so that one failed look changes nothing. */
const PACE: StatusPace = { every: 2_000, deadline: 3_000, recheck: 15_000, patience: 20_000 };

/** `/ops`: the present state, and with JavaScript all that follows. */
export const statusRoutes =
  ({ db, overview, pace: given }: StatusDependencies): FastifyPluginAsync =>
  async (app) => {
    const pace = { ...PACE, ...given };
    const sessions = createOperatorSessions(db);
    const reader = createStatusReader({ overview, log: app.log }, pace);
    const mayLook = async (token: string) => (await sessions.find(token)) !== null;
    await app.register(streamRoutes({ reader, mayLook, pace }));

    app.get('/ops', async (request, reply) => {
      const operator = operatorOf(request);
      const status = await reader.read();
      if ('away' in status) throw new Unavailable(status.away);
      return sendPage(reply, <StatusPage operator={operator} overview={status.overview} />);
    });
  };
