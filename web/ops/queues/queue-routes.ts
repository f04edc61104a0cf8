import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { PAGE_HEADERS, PAGE_POLICY } from '../../frame/html';
import { signedInOperator } from '../operator-session';
import type { OpsDependencies } from '../ops-routes';
import { answerBoardFaults } from './board-faults';
import { guardBoard } from './board-guard';
import { BOARD, isBoardCall } from './board-rules';
import { boardWords } from './board-words';
import { createQueueBoard } from './queue-board';

/** That of every page of ours, and what bull-board needs beyond it: addresses relative to its own. */
const BOARD_POLICY = PAGE_POLICY.replace("base-uri 'none'", "base-uri 'self'");

/** `/ops/queues`: bull-board, behind the operators' session, and with less to press than it has by itself. */
export const queueRoutes =
  (deps: OpsDependencies): FastifyPluginAsync =>
  async (app) => {
    const board = createQueueBoard(deps.backend);
    answerBoardFaults(app);
    app.addHook('onRoute', (route) => {
      // Programs read what these answer, also when it is a fault.
      if (route.url.startsWith(`${BOARD}/api/`)) route.config = { ...route.config, page: false };
    });
    app.addHook('onRequest', async (_request, reply) => {
      reply.headers({ ...PAGE_HEADERS, 'content-security-policy': BOARD_POLICY });
    });
    app.addHook('onRequest', guardBoard(deps, board.open));
    app.addHook('preHandler', async (request) => {
      if (isStatic(request)) return;
      if (!isBoardCall(request)) return deps.backend.ping();
      limitLists(request);
      await board.open();
    });
    app.addHook('preSerialization', async (request, _reply, answer) =>
      hideButtons(request, answer as Answer | null),
    );
    app.addHook('onSend', async (_request, reply, payload) => onlyOurs(reply, payload));
    const words = boardWords();
    app.get(`${BOARD}/static/locales/en-US/messages.json`, async () => words);
    await app.register(board.plugin, { prefix: BOARD });
  };

const isStatic = ({ routeOptions }: FastifyRequest): boolean =>
  routeOptions.url?.startsWith(`${BOARD}/static/`) ?? false;

/** A list of more jobs than a screen holds is only good for reading the intake queue, notices and all, at once. */
const MOST_JOBS = 20;

function limitLists({ query }: FastifyRequest): void {
  const asked = query as Record<string, unknown>;
  if (Number(asked.jobsPerPage) > MOST_JOBS) asked.jobsPerPage = String(MOST_JOBS);
}

/**
 * Makes the board's page one of ours: in Persian, right to left, and without what the policy would not let in, a
 * font from elsewhere and the styles of what is shown for a moment before the board is there.
 */
function onlyOurs(reply: FastifyReply, payload: unknown): unknown {
  if (typeof payload !== 'string' || !String(reply.getHeader('content-type')).startsWith('text/html'))
    return payload;
  return payload
    .replace('<html lang="en" dir="ltr">', '<html lang="fa" dir="rtl">')
    .replace(/<link[^>]*href="https:[^>]*>/g, '')
    .replace(/(<div id="root">)[\s\S]*(<\/div>\s*<script)/, '$1$2');
}

interface Answer {
  queues?: object[];
}

/** Viewers are not even shown what the board would refuse them. */
function hideButtons(request: FastifyRequest, answer: Answer | null): unknown {
  if (!answer?.queues || signedInOperator(request)?.role !== 'viewer') return answer;
  const readOnly = { readOnlyMode: true, allowRetries: false, allowCompletedRetries: false };
  return { ...answer, queues: answer.queues.map((queue) => ({ ...queue, ...readOnly })) };
}
