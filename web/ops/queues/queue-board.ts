import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import { INTAKE_QUEUE, QUEUE_NAMES, type QueueName } from '../../../core/platform/queues';
import { ICON_URL } from '../../assets/urls';
import { QUEUE_LABELS } from '../labels/domain-labels';
import type { OpsDependencies } from '../ops-dependencies';
import { BOARD_PATH } from './board-rules';
import { redactingAdapter } from './redacting-adapter';

const QUEUE_DESCRIPTIONS: Record<QueueName, string> = {
  notices: 'مکاتبه‌هایی که سیستم‌ها در صف گذاشته‌اند',
  'sms-urgent': 'پیامک‌های فوری',
  'sms-normal': 'پیامک‌های عادی',
  'sms-bulk': 'پیامک‌های انبوه',
  'email-urgent': 'ایمیل‌های فوری',
  'email-normal': 'ایمیل‌های عادی',
  'email-bulk': 'ایمیل‌های انبوه',
  'sms-receipts': 'پرسش از سرنوشت پیامک‌ها',
  'sms-callbacks': 'گزارش‌های تحویل پیامک',
  'login-codes': 'کدهای ورود',
  views: 'ثبت مشاهده‌ها',
  permits: 'پایان مجوزهای استعلام',
};

/**
 * bull-board over every queue there is. It knows no queue until `open` is called, because a queue that is made
 * opens a connection. Jobs of the outbox are ids and nothing else, and what is left of one that failed stands in
 * the outbox, so there is nothing to do with them here: those queues are only looked at.
 */
export function createQueueBoard(backend: OpsDependencies['backend']) {
  const serverAdapter = new FastifyAdapter().setBasePath(BOARD_PATH);
  const { addQueue } = createBullBoard({
    queues: [],
    serverAdapter,
    options: {
      uiConfig: {
        boardTitle: 'صف‌ها | میز راهبری',
        boardLogo: { path: ICON_URL, width: 32, height: 32 },
        favIcon: { default: ICON_URL, alternative: ICON_URL },
        miscLinks: [{ text: 'میز راهبری', url: '/ops' }],
        hideDocsLink: true,
        pollingInterval: { forceInterval: 10 },
        showMetrics: false,
        hideRedisDetails: true,
      },
    },
  });
  // Whatever it throws is answered where everything else is.
  serverAdapter.setErrorHandler((error) => {
    throw error;
  });

  const boardOf = (name: QueueName): BullMQAdapter => {
    const words = { displayName: QUEUE_LABELS[name], description: QUEUE_DESCRIPTIONS[name] };
    return name === INTAKE_QUEUE
      ? redactingAdapter(backend.queue(name), words)
      : new BullMQAdapter(backend.queue(name), { ...words, readOnlyMode: true });
  };
  let opened = false;
  return {
    plugin: serverAdapter.registerPlugin(),

    /**
     * Makes sure that the board knows its queues, and that they are connected.
     *
     * @throws Unavailable when what they are kept in does not answer
     */
    async ensureReady(): Promise<void> {
      // Before a queue is made or asked, which would take longer to say the same, or on PostgreSQL stay broken.
      await backend.ping();
      if (opened) return;
      await backend.warmUp(QUEUE_NAMES);
      for (const name of opened ? [] : QUEUE_NAMES) addQueue(boardOf(name));
      opened = true;
    },
  };
}
