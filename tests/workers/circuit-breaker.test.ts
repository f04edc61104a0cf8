import { queuePolicy } from '../../core/platform/queues';
import type { OnCall } from '../../embedded/simulators/kavenegar-simulator';
import { mobiles, type TestAlert } from '../support/alert-desk';
import { shutChannels } from '../support/shut-channels';
import { until } from '../support/until';
import { useProcessScene } from './scene';
import { emptyRedis } from './workers-process';

jest.setTimeout(180_000);

const PROCESSES = 3;
const ALERTS = 5_000;
/** The calls that may be on their way when the fifth call fails: one for every slot but its own. */
const ON_THE_WAY = PROCESSES * queuePolicy('sms-normal').concurrency - 1;

const scene = useProcessScene();

/**
 * The calls of alerts as the provider saw them: how many messages each was to send, or 'asked' for a question about
 * some. How the account stands is asked for whatever the line does, and is none of them.
 */
const calls: (number | 'asked')[] = [];
const notePlaying =
  (play: ReturnType<OnCall>): OnCall =>
  ({ method, messages }) => {
    if (method === 'sms/sendarray') calls.push(messages.length);
    if (method === 'sms/statuslocalmessageid') calls.push('asked');
    return play;
  };

interface Row {
  broken: boolean;
  failures: number;
  probes: number;
}
async function line(): Promise<Row> {
  const [row] = await scene.db.query<Row & Record<string, unknown>>(
    `SELECT broken_until > now() AS broken, failures, failed_probes AS probes FROM lines WHERE name = 'kavenegar'`,
  );
  return row as Row;
}
/** Lets the time pass for which the circuit is tripped. */
const passTrip = () => scene.db.query(`UPDATE lines SET broken_until = now() WHERE name = 'kavenegar'`);
/** Prolongs that time, however slow this machine is. */
const prolongTrip = () =>
  scene.db.query(`UPDATE lines SET broken_until = broken_until + interval '1 hour' WHERE name = 'kavenegar'`);

/** Waits until every worker has put back what it cannot send. */
const nothingIsAtWork = () =>
  until(
    async () => {
      const [row] = await scene.db.query<{ out: number }>(
        `SELECT (SELECT count(*) FROM outbox o JOIN alerts a ON a.id = o.subject_ids[1]
                  WHERE o.queue = 'sms-normal' AND o.relay_at > now() AND a.state = 'queued')
              + (SELECT count(*) FROM alerts WHERE state = 'sending') AS out`,
      );
      return Number(row?.out) === 0;
    },
    { timeout: 30_000, what: 'everything is back in the outbox' },
  );
const tried = async () => {
  const [row] = await scene.db.query<{ alerts: number; most: number; attempts: number }>(
    `SELECT (SELECT count(*) FROM alerts WHERE attempt_count > 0)::int AS alerts,
            (SELECT max(attempt_count) FROM alerts)::int AS most, (SELECT count(*) FROM attempts)::int AS attempts`,
  );
  return row as { alerts: number; most: number; attempts: number };
};
const sent = () => calls.reduce<number>((sum, call) => sum + (call === 'asked' ? 0 : call), 0);
/** One message, or one question about a set in doubt, which sends nothing at all. */
const isProbe = (call: number | 'asked' | undefined) => call === 1 || call === 'asked';

describe('a line whose calls fail, with three workers processes', () => {
  it('is left alone by all of them, probed by one with one call, and loses, doubles and uses up nothing', async () => {
    calls.length = 0;
    const redisUrl = await emptyRedis(12);
    const alerts = await scene.desk.accept(mobiles(ALERTS), { together: true });
    scene.providers.kavenegar.setBehaviour(notePlaying('html'));
    for (let i = 0; i < PROCESSES; i += 1) scene.startProcess(redisUrl);

    await until(async () => (await line()).broken, { timeout: 90_000, what: 'the line is broken' });
    await prolongTrip();
    await nothingIsAtWork();
    const failed = calls.length;
    expect(failed).toBeGreaterThanOrEqual(5);
    expect(failed).toBeLessThanOrEqual(5 + ON_THE_WAY);
    expect(await tried()).toEqual({ alerts: sent(), most: 1, attempts: sent() });
    expect(await line()).toMatchObject({ broken: true, failures: 5, probes: 0 });

    await passTrip();
    await until(async () => (await line()).probes === 1, { what: 'the first probe failed' });
    await prolongTrip();
    await nothingIsAtWork();
    expect(calls).toHaveLength(failed + 1);
    expect(isProbe(calls[failed])).toBe(true);
    expect((await line()).broken).toBe(true);
    expect(await tried()).toEqual({ alerts: sent(), most: 1, attempts: sent() });

    scene.providers.kavenegar.setBehaviour(notePlaying('pass'));
    expect(await shutChannels(scene.db)).toEqual(['sms']);
    await passTrip();
    await until(() => allSent(alerts), { timeout: 90_000, what: 'all are sent' });
    expect(isProbe(calls[failed + 1])).toBe(true);
    expect(await line()).toEqual({ broken: null, failures: 0, probes: 0 });
    const receptors = scene.providers.kavenegar.messages().map(({ receptor }) => receptor);
    expect(receptors).toHaveLength(ALERTS);
    expect(new Set(receptors).size).toBe(ALERTS);
    expect(await tried()).toEqual({ alerts: ALERTS, most: 1, attempts: ALERTS });
  });

  /** Makes all work due, because unknown alerts are looked up only after a delay. */
  async function allSent(alerts: TestAlert[]): Promise<boolean> {
    await scene.db.query(
      `UPDATE outbox SET run_at = now(), relay_at = now() WHERE queue = 'sms-normal' AND run_at > now()`,
    );
    return (await scene.desk.states(alerts)).every((state) => state === 'sent');
  }
});
