import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createLanePauses } from '../../../core/channels/lane-pauses';
import { laneSubject } from '../../../core/operator-console/audit-subjects';
import { pauseLanes, resumeLanes } from '../../../core/operator-console/steer-lanes';
import { createWaitingAlerts } from '../../../core/operator-console/waiting-alerts';
import type { Database } from '../../../core/platform/database';
import { Refusal } from '../../../core/platform/errors';
import { CHANNELS, type Channel, LANES, type Lane, sendQueue } from '../../../core/platform/queues';
import type { OperatorAction } from '../actions/operator-action';
import { registerAction } from '../actions/register-action';
import { ACTION_LABELS } from '../labels/audit-labels';
import { CHANNEL_LABELS, LANE_LABELS } from '../labels/domain-labels';
import { ALL_LANES, lanePath, STEERING_PATH } from './steering-paths';

interface LaneSelection {
  channel: Channel;
  /** The lane in the path, or `all`. */
  lane: string;
  lanes: readonly Lane[];
}

/** Registers the actions that pause and resume lanes. */
export function registerLaneActions(app: FastifyInstance, db: Database): void {
  for (const action of ['pause', 'resume'] as const) {
    registerAction(app, db, lanePath(':channel', ':lane', action), async (request) =>
      laneAction(db, parseLaneSelection(request), action),
    );
  }
}

/** @throws Refusal `not_found` for a channel or lane that does not exist */
function parseLaneSelection(request: FastifyRequest): LaneSelection {
  const { channel, lane } = request.params as { channel: Channel; lane: string };
  const lanes = lane === ALL_LANES ? LANES : LANES.filter((each) => each === lane);
  if (CHANNELS.includes(channel) && lanes.length > 0) return { channel, lane, lanes };
  throw new Refusal('not_found', 'There is no such lane.');
}

const EXPLANATIONS = {
  pause:
    'هشدارهای این صف فرستاده نمی‌شوند تا کسی آن را از سر بگیرد؛ پذیرش مکاتبات ادامه دارد. مهلت هشدارها می‌گذرد.',
  resume: 'هشدارهایی که مانده‌اند به نوبت فرستاده می‌شوند.',
};

function laneAction(
  db: Database,
  { channel, lane, lanes }: LaneSelection,
  action: 'pause' | 'resume',
): OperatorAction {
  const name =
    lanes.length > 1
      ? `همه صف‌های ${CHANNEL_LABELS[channel]}`
      : `${CHANNEL_LABELS[channel]} ${LANE_LABELS[lane as Lane]}`;
  return {
    auditAction: action,
    subject: laneSubject(channel, lane),
    title: `${ACTION_LABELS[action]}: ${name}`,
    explanation: <p>{EXPLANATIONS[action]}</p>,
    section: 'steering',
    returnPath: STEERING_PATH,
    danger: action === 'pause',
    async preview() {
      const paused = (await createLanePauses(db).list()).filter(
        (pause) => pause.channel === channel && lanes.includes(pause.lane),
      ).length;
      const nothing = action === 'pause' ? paused === lanes.length : paused === 0;
      const waiting = await createWaitingAlerts(db).inQueues(lanes.map((each) => sendQueue(channel, each)));
      return {
        ...waiting,
        itemLabel: 'هشدار که اکنون منتظر است',
        ...(nothing && { blockedReason: 'در این میان کس دیگری این کار را کرده است.' }),
      };
    },
    perform: (trx, { reason }, operator) =>
      action === 'pause'
        ? pauseLanes(trx, channel, lanes, { operator, reason })
        : resumeLanes(trx, channel, lanes),
  };
}
