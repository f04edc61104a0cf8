import type { FastifyPluginAsync } from 'fastify';
import { createLanePauses } from '../../../core/channels/lane-pauses';
import { createLines } from '../../../core/channels/lines';
import { createMeasurements } from '../../../core/monitoring/measure/measurements';
import { createSourceSystems } from '../../../core/sources/source-systems';
import { sendPage } from '../../ui/send-page';
import { readActionOutcome } from '../actions/outcome-box';
import { requireOperator } from '../operator-session';
import type { OpsDependencies } from '../ops-dependencies';
import { registerLaneActions } from './lane-actions';
import { registerLineActions } from './line-actions';
import { registerSourceActions } from './source-actions';
import { SteeringPage } from './steering-page';
import { STEERING_PATH } from './steering-paths';

/** Serves `/ops/steering`: viewers see lines, lanes and source systems, operators act on them. */
export const steeringRoutes =
  ({ db }: Pick<OpsDependencies, 'db'>): FastifyPluginAsync =>
  async (app) => {
    app.get(STEERING_PATH, async (request, reply) => {
      const operator = requireOperator(request);
      const [outcome, lines, pauses, { measured }, sources] = await Promise.all([
        readActionOutcome(db, request),
        createLines(db).list(),
        createLanePauses(db).list(),
        // The last measurement serves here: counting half a million rows at each visit would slow down the sending itself.
        createMeasurements(db).read(),
        createSourceSystems(db).list(),
      ]);
      const waiting = new Map(measured.outbox?.map(({ queue, due }) => [queue, due]));
      return sendPage(reply, <SteeringPage {...{ operator, outcome, lines, pauses, waiting, sources }} />);
    });

    registerLaneActions(app, db);
    registerLineActions(app, db);
    registerSourceActions(app, db);
  };
