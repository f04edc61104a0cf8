import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createLanePauses } from '../../../core/channels/lane-pauses';
import { pauseLanes, resumeLanes } from '../../../core/desk/actions/steer-lanes';
import { laneSubject } from '../../../core/desk/subjects';
import { createWaiting } from '../../../core/desk/waiting';
import type { Database } from '../../../core/platform/database';
import { Refusal } from '../../../core/platform/errors';
import { CHANNELS, type Channel, LANES, type Lane, sendQueue } from '../../../core/platform/queues';
import type { Offer } from '../act/offer';
import { offerRoutes } from '../act/offer-routes';
import { ACTION_WORDS } from '../audit-page';
import { CHANNEL, LANE } from '../status/words';
import { ALL_LANES, laneAddress, STEERING } from './addresses';

interface Lanes {
  channel: Channel;
  /** As the address has it: a lane, or all of them. */
  lane: string;
  lanes: readonly Lane[];
}

/** Holding back lanes, and letting them go on. */
export function laneOffers(app: FastifyInstance, db: Database): void {
  for (const action of ['pause', 'resume'] as const) {
    offerRoutes(app, db, laneAddress(':channel', ':lane', action), async (request) =>
      offerOf(db, lanesOf(request), action),
    );
  }
}

/** @throws Refusal `not_found` */
function lanesOf(request: FastifyRequest): Lanes {
  const { channel, lane } = request.params as { channel: Channel; lane: string };
  const lanes = lane === ALL_LANES ? LANES : LANES.filter((one) => one === lane);
  if (CHANNELS.includes(channel) && lanes.length > 0) return { channel, lane, lanes };
  throw new Refusal('not_found', 'There is no such lane.');
}

const EXPLANATIONS = {
  pause:
    'هشدارهای این صف فرستاده نمی‌شوند تا کسی آن را از سر بگیرد؛ پذیرش مکاتبات ادامه دارد. مهلت هشدارها می‌گذرد.',
  resume: 'هشدارهایی که مانده‌اند به نوبت فرستاده می‌شوند.',
};

function offerOf(db: Database, { channel, lane, lanes }: Lanes, action: 'pause' | 'resume'): Offer {
  const name =
    lanes.length > 1 ? `همه صف‌های ${CHANNEL[channel]}` : `${CHANNEL[channel]} ${LANE[lane as Lane]}`;
  return {
    action,
    subject: laneSubject(channel, lane),
    title: `${ACTION_WORDS[action]}: ${name}`,
    explanation: <p>{EXPLANATIONS[action]}</p>,
    section: 'steering',
    back: STEERING,
    danger: action === 'pause',
    async preview() {
      const paused = (await createLanePauses(db).list()).filter(
        (pause) => pause.channel === channel && lanes.includes(pause.lane),
      ).length;
      const nothing = action === 'pause' ? paused === lanes.length : paused === 0;
      const waiting = await createWaiting(db).in(lanes.map((one) => sendQueue(channel, one)));
      return {
        ...waiting,
        of: 'هشدار که اکنون منتظر است',
        ...(nothing && { obstacle: 'در این میان کس دیگری این کار را کرده است.' }),
      };
    },
    work: (trx, { reason }, operator) =>
      action === 'pause'
        ? pauseLanes(trx, channel, lanes, operator, reason)
        : resumeLanes(trx, channel, lanes),
  };
}
