import { createChannels } from '../core/channels/channels';
import type { Environment } from './environment';
import { acceptMany, populate } from './population';

/** How long the sink took to receive `count` SMS of notices that were accepted before. Seconds. */
export async function drainSms(
  env: Environment,
  count: number,
): Promise<{ seconds: number; workersMemory: number }> {
  const { sourceId } = await populate(env.db);
  await createChannels(env.db).shutDown('sms', 'closed', 'bench', 'until everything is accepted');
  await acceptMany(env.db, { id: sourceId, code: 'BENCH' }, count);
  const sink = env.start('bench/sms-sink.js');
  const { url } = await sink.message<{ url: string }>();
  const workers = env.start('workers/main.js', {
    SECRET_KEY: 'x'.repeat(32),
    KAVENEGAR_API_KEY: 'bench',
    KAVENEGAR_SENDER: '10004346',
    KAVENEGAR_BASE_URL: url,
    SMTP_URL: 'smtp://127.0.0.1:1',
    MAIL_FROM: 'bench@example.org',
  });
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const began = Date.now();
  await createChannels(env.db).open('sms');
  sink.child.send({ waitFor: count });
  const { at } = await sink.message<{ at: number }>();
  const workersMemory = workers.peakMemory();
  await workers.stop();
  await sink.stop();
  return { seconds: (at - began) / 1000, workersMemory };
}
