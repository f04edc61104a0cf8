import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { MAX_NOTICE_BYTES, noticeSchema } from '../../core/notices/notice-schema';
import { Refusal } from '../../core/platform/errors';
import { answerBatch, type BatchContext } from '../answer-batch';
import { callerOf, requireScope } from '../auth';
import type { BodyMemoryBudget } from '../body-memory-budget';
import { createGroupReader } from '../group-reader';
import { frameLines } from '../ndjson';
import { problemResponses } from '../problem';

const NDJSON = 'application/x-ndjson';
const GROUP_LIMITS = { lines: 500, bytes: 4 * 1024 * 1024 };
/** The longest time of a timer, 24 days: a batch may take hours, and Fastify cannot switch the timeout of a route off. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** The time for which a client that still sends may read an answer that ended early. */
const LINGER_MS = 5_000;

const batchAnswerSchema = z.string().meta({
  description: 'one line per line, in the same order',
  example:
    '{"line":1,"status":202,"id":"0198c0de-0000-7000-8000-000000000000","trackingNumber":"100000000008",' +
    '"acceptedAt":"2025-01-01T00:00:00.000Z","duplicate":false}\n' +
    '{"line":2,"status":422,"code":"unknown_employer","detail":"No employer has this national ID."}\n',
});

export const batchRoutes =
  ({
    bodyMemory,
    ...deps
  }: Omit<BatchContext, 'caller' | 'log' | 'reservation'> & {
    bodyMemory: BodyMemoryBudget;
  }): FastifyPluginAsyncZod =>
  async (app) => {
    const running = new Set<() => void>();
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(NDJSON, (_request, payload, done) => done(null, payload));
    // A batch may run for hours; the shutdown waits only for its current group.
    app.addHook('preClose', async () => {
      for (const stop of running) stop();
    });

    app.post('/notices/batch', {
      handlerTimeout: MAX_TIMER_MS,
      onRequest: requireScope('notices'),
      schema: {
        summary: 'Serve any number of notices',
        description:
          'One notice a line, answered line by line while the input is still coming: read the answers while you ' +
          'send, or the connection stands still and is cut off. Blank lines count and are not answered. A broken ' +
          'connection leaves whole groups accepted. A line with status 503 ends the answer, and a service that is ' +
          'being stopped ends it without one: send again what was not answered, or simply everything.',
        tags: ['notices'],
        consumes: [NDJSON],
        body: noticeSchema,
        response: {
          200: { description: 'the answers', content: { [NDJSON]: { schema: batchAnswerSchema } } },
          ...problemResponses('forbidden'),
        },
      },
      validatorCompiler: () => (value) => ({ value }),
      handler: async (request, reply) => {
        const input = request.body as unknown as IncomingMessage | undefined;
        if (!input) throw new Refusal('unsupported_media_type', `A batch is sent as ${NDJSON}.`);
        const chunks = input.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
        const reservation = bodyMemory.openReservation();
        reply.raw.once('close', reservation.releaseAll);
        const reader = createGroupReader(frameLines(chunks, MAX_NOTICE_BYTES, reservation), GROUP_LIMITS);
        const batch = { ...deps, reservation, caller: callerOf(request), log: request.log };
        const answers = answerBatch(batch, reader);
        running.add(reader.stop);
        reply.raw.once('close', () => running.delete(reader.stop));
        reply.raw.once('finish', () => endConnection(input));
        // Not in object mode, so that the buffer for a slow reader is counted in bytes.
        const output = Readable.from(answers, { objectMode: false, highWaterMark: 64 * 1024 });
        return (reply as FastifyReply).type(NDJSON).send(output);
      },
    });
  };

/** Ends the connection of a client that still sends although its answer has ended, which could go on for hours. */
function endConnection(input: IncomingMessage): void {
  if (input.complete) return;
  setTimeout(() => input.socket.destroy(), LINGER_MS).unref();
}
