import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { PAGE_CSP, PAGE_HEADERS } from '../../ui/send-page';
import { signedInOperator } from '../operator-session';
import type { OpsDependencies } from '../ops-dependencies';
import { handleBoardErrors } from './board-errors';
import { guardBoard } from './board-guard';
import { boardMessages } from './board-messages';
import { BOARD_PATH, isBoardApiCall } from './board-rules';
import { createQueueBoard } from './queue-board';

/** The content security policy of all pages; bull-board also needs a `<base>` for its relative URLs. */
const BOARD_POLICY = PAGE_CSP.replace("base-uri 'none'", "base-uri 'self'");

/** Serves `/ops/queues`: bull-board behind the operators' session, with fewer actions than it has by itself. */
export const queueRoutes =
  (deps: OpsDependencies): FastifyPluginAsync =>
  async (app) => {
    const board = createQueueBoard(deps.backend);
    handleBoardErrors(app);
    app.addHook('onRoute', (route) => {
      // The board's script reads these answers as JSON, also the errors.
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
    const messages = boardMessages();
    app.get(`${BOARD_PATH}/static/locales/en-US/messages.json`, async () => messages);
    await app.register(board.plugin, { prefix: BOARD_PATH });
  };

const isStaticAsset = ({ routeOptions }: FastifyRequest): boolean =>
  routeOptions.url?.startsWith(`${BOARD_PATH}/static/`) ?? false;

/** More jobs than a screen holds would only serve to copy the intake queue at once. */
const MAX_JOBS_PER_PAGE = 20;

function capJobsPerPage({ query }: FastifyRequest): void {
  const asked = query as Record<string, unknown>;
  if (Number(asked.jobsPerPage) > MAX_JOBS_PER_PAGE) asked.jobsPerPage = String(MAX_JOBS_PER_PAGE);
}

/**
 * Sets the board's page to Persian, right to left, and removes what the content security policy would block: a font
 * from another host, and the inline styles of the loading screen.
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

/** Hides from viewers the buttons that would be refused. */
function makeReadOnlyForViewers(request: FastifyRequest, answer: BoardResponse | null): unknown {
  if (!answer?.queues || signedInOperator(request)?.role !== 'viewer') return answer;
  const readOnly = { readOnlyMode: true, allowRetries: false, allowCompletedRetries: false };
  return { ...answer, queues: answer.queues.map((queue) => ({ ...queue, ...readOnly })) };
}
