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
 * Sets up bull-board over all queues. The board knows no queue until `ensureReady` is called, because creating a queue
 * opens a connection. Only the intake queue can be changed: jobs of the other queues hold nothing but outbox ids, and
 * the outbox keeps the work of a failed job, so those queues are read-only.
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
  // The error handler of the operators' pages answers all errors, also those of the board.
  serverAdapter.setErrorHandler((error) => {
    throw error;
  });

  const boardOf = (name: QueueName): BullMQAdapter => {
    const labels = { displayName: QUEUE_LABELS[name], description: QUEUE_DESCRIPTIONS[name] };
    return name === INTAKE_QUEUE
      ? redactingAdapter(backend.queue(name), labels)
      : new BullMQAdapter(backend.queue(name), { ...labels, readOnlyMode: true });
  };
  let opened = false;
  return {
    plugin: serverAdapter.registerPlugin(),

    /**
     * Makes sure that the board knows its queues and that they are connected.
     *
     * @throws Unavailable when Redis, or PostgreSQL as the queue backend, does not answer
     */
    async ensureReady(): Promise<void> {
      // A queue that is created without its backend takes longer to fail, and on PostgreSQL never recovers.
      await backend.ping();
      if (opened) return;
      await backend.warmUp(QUEUE_NAMES);
      for (const name of opened ? [] : QUEUE_NAMES) addQueue(boardOf(name));
      opened = true;
    },
  };
}
