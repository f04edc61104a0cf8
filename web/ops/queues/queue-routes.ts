import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { PAGE_CSP, PAGE_HEADERS } from '../../ui/send-page';
import { signedInOperator } from '../operator-session';
import type { OpsDependencies } from '../ops-dependencies';
import { handleBoardErrors } from './board-errors';
import { guardBoard } from './board-guard';
import { boardMessages } from './board-messages';
import { BOARD_PATH, isBoardApiCall } from './board-rules';
import { createQueueBoard } from './queue-board';

/** That of every page of ours, and what bull-board needs beyond it: addresses relative to its own. */
const BOARD_POLICY = PAGE_CSP.replace("base-uri 'none'", "base-uri 'self'");

/** `/ops/queues`: bull-board, behind the operators' session, and with less to press than it has by itself. */
export const queueRoutes =
  (deps: OpsDependencies): FastifyPluginAsync =>
  async (app) => {
    const board = createQueueBoard(deps.backend);
    handleBoardErrors(app);
    app.addHook('onRoute', (route) => {
      // Programs read what these answer, also when it is a fault.
      if (route.url.startsWith(`${BOARD_PATH}/api/`)) route.config = { ...route.config, page: false };
    });
    app.addHook('onRequest', async (_request, reply) => {
      reply.headers({ ...PAGE_HEADERS, 'content-security-policy': BOARD_POLICY });
    });
    app.addHook('onRequest', guardBoard(deps, board.ensureReady));
    app.addHook('preHandler', async (request) => {
      if (isStaticAsset(request)) return;
      if (!isBoardApiCall(request)) return deps.backend.ping();
      capJobsPerPage(request);
      await board.ensureReady();
    });
    app.addHook('preSerialization', async (request, _reply, answer) =>
      makeReadOnlyForViewers(request, answer as BoardResponse | null),
    );
    app.addHook('onSend', async (_request, reply, payload) => localizeBoardPage(reply, payload));
    const words = boardMessages();
    app.get(`${BOARD_PATH}/static/locales/en-US/messages.json`, async () => words);
    await app.register(board.plugin, { prefix: BOARD_PATH });
  };

const isStaticAsset = ({ routeOptions }: FastifyRequest): boolean =>
  routeOptions.url?.startsWith(`${BOARD_PATH}/static/`) ?? false;

/** A list of more jobs than a screen holds is only good for reading the intake queue, notices and all, at once. */
const MAX_JOBS_PER_PAGE = 20;

function capJobsPerPage({ query }: FastifyRequest): void {
  const asked = query as Record<string, unknown>;
  if (Number(asked.jobsPerPage) > MAX_JOBS_PER_PAGE) asked.jobsPerPage = String(MAX_JOBS_PER_PAGE);
}

/**
 * Makes the board's page one of ours: in Persian, right to left, and without what the policy would not let in, a
 * font from elsewhere and the styles of what is shown for a moment before the board is there.
 */
function localizeBoardPage(reply: FastifyReply, payload: unknown): unknown {
  if (typeof payload !== 'string' || !String(reply.getHeader('content-type')).startsWith('text/html'))
    return payload;
  return payload
    .replace('<html lang="en" dir="ltr">', '<html lang="fa" dir="rtl">')
    .replace(/<link[^>]*href="https:[^>]*>/g, '')
    .replace(/(<div id="root">)[\s\S]*(<\/div>\s*<script)/, '$1$2');
}

interface BoardResponse {
  queues?: object[];
}

/** Viewers are not even shown what the board would refuse them. */
function makeReadOnlyForViewers(request: FastifyRequest, answer: BoardResponse | null): unknown {
  if (!answer?.queues || signedInOperator(request)?.role !== 'viewer') return answer;
  const readOnly = { readOnlyMode: true, allowRetries: false, allowCompletedRetries: false };
  return { ...answer, queues: answer.queues.map((queue) => ({ ...queue, ...readOnly })) };
}
