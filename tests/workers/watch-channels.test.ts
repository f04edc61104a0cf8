import { createLanePauses } from '../../core/channels/lane-pauses';
import { createLines } from '../../core/channels/lines';
import { NotSent } from '../../core/channels/outcomes';
import { sendSms } from '../../workers/sms/send-sms';
import { expireBlocked, registerLines, reopenPausedLines } from '../../workers/watch-channels';
import { mobiles, outboxIds, type TestAlert } from '../support/alert-desk';
import { shutChannels } from '../support/shut-channels';
import { startProviders } from './providers';
import { useWorkersScene } from './scene';

const scene = useWorkersScene();
const kick = jest.fn();

beforeEach(async () => {
  kick.mockClear();
});

const watched = () => ({ db: scene.db, lines: scene.providers.lines, log: scene.providers.log, kick });
const reopen = () => reopenPausedLines(watched());
const lines = () => createLines(scene.db);
const stateOf = async (name: string) => (await lines().list()).find((line) => line.name === name)?.state;
const send = (alerts: TestAlert[]) =>
  sendSms(scene.providers.sendSmsDeps(scene.db), 'sms-normal', outboxIds(alerts));
const NO_CREDIT = ['paused', '418', 'the credit is not enough'] as const;

describe('a line without credit', () => {
  it('reopens by itself once the credit is back, and its alerts go out', async () => {
    const alerts = await scene.desk.accept(mobiles(3));
    scene.providers.kavenegar.setCredit(0);
    await send(alerts);
    await reopen();
    expect(await shutChannels(scene.db)).toEqual(['sms']);
    expect(kick).not.toHaveBeenCalled();
    scene.providers.kavenegar.setCredit(1_000_000);
    await reopen();
    expect(await shutChannels(scene.db)).toEqual([]);
    expect(kick).toHaveBeenCalledTimes(1);
    await send(alerts);
    expect(await scene.desk.states(alerts)).toEqual(['sent', 'sent', 'sent']);
  });

  it('stays paused while the provider cannot be asked', async () => {
    await lines().disable('kavenegar', ...NO_CREDIT);
    await scene.providers.close();
    await expect(reopen()).rejects.toBeInstanceOf(NotSent);
    expect(await stateOf('kavenegar')).toBe('paused');
  });

  it('is closed when its key is refused meanwhile, which is logged once', async () => {
    await lines().disable('kavenegar', ...NO_CREDIT);
    scene.providers.kavenegar.setBehaviour(() => ({ status: 403 }));
    await reopen();
    await reopen();
    expect(await stateOf('kavenegar')).toBe('closed');
    expect(scene.providers.logged).toMatchObject([
      { level: 50, line: 'kavenegar', code: '403', opensByItself: false },
    ]);
  });

  it('reopens though another paused line does not answer', async () => {
    const other = await startProviders({}, { line: 'kavenegar-other' });
    await registerLines({ db: scene.db, lines: other.lines }, null);
    await lines().disable('kavenegar-other', ...NO_CREDIT);
    await lines().disable('kavenegar', ...NO_CREDIT);
    await other.close();
    await expect(
      reopenPausedLines({ ...watched(), lines: [...other.lines, ...scene.providers.lines] }),
    ).rejects.toBeInstanceOf(NotSent);
    expect(await stateOf('kavenegar')).toBe('open');
    expect(await stateOf('kavenegar-other')).toBe('paused');
  });
});

describe('a line that is not paused', () => {
  it('is not asked for its credit, whether it is open or closed', async () => {
    await reopen();
    await lines().disable('kavenegar', 'closed', '403', 'the API key is not valid');
    await reopen();
    expect(await stateOf('kavenegar')).toBe('closed');
    expect(scene.providers.kavenegar.calls()).toBe(0);
    expect(kick).not.toHaveBeenCalled();
  });
});

describe('the lines of a process', () => {
  it('are registered with those of the mail server, the SMS lines at the rate of the settings', async () => {
    await registerLines({ db: scene.db, lines: scene.providers.lines }, 40);
    await registerLines({ db: scene.db, lines: scene.providers.lines }, 50);
    expect(await lines().list()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'kavenegar', perSecond: 40, seenAt: expect.any(Date) }),
        expect.objectContaining({ name: 'smtp', perSecond: null, seenAt: expect.any(Date) }),
      ]),
    );
    await lines().setRate('kavenegar', null);
  });
});

describe('blocked alerts', () => {
  it('of a disabled channel expire when their time is over, in every lane, with an event', async () => {
    const alerts = (
      await Promise.all([
        scene.desk.accept(mobiles(1), { lane: 'urgent' }),
        scene.desk.accept(mobiles(1), { lane: 'bulk' }),
        scene.desk.accept(['ali@example.org']),
      ])
    ).flat();
    const [waiting] = (await scene.desk.accept(mobiles(1))) as [TestAlert];
    await scene.desk.age(alerts, 73 * 3600);
    for (const name of ['kavenegar', 'kavenegar-other'])
      await lines().disable(name, 'closed', '403', 'the API key is not valid');
    await expireBlocked({ db: scene.db });
    await expireBlocked({ db: scene.db });
    expect(await scene.desk.states([...alerts, waiting])).toEqual(['expired', 'expired', 'queued', 'queued']);
    expect(await scene.desk.events(alerts[0] as TestAlert)).toMatchObject([
      { type: 'alert.expired', data: { channel: 'sms' } },
    ]);
    expect(await scene.desk.work(alerts[0] as TestAlert)).toBeNull();
    await lines().disable('smtp', 'closed', '535', 'credentials');
    await expireBlocked({ db: scene.db });
    expect((await scene.desk.states(alerts))[2]).toBe('expired');
  });

  it('of a paused lane expire as well, and those of the other lanes are left to their workers', async () => {
    const [bulk] = (await scene.desk.accept(mobiles(1), { lane: 'bulk' })) as [TestAlert];
    const [normal] = (await scene.desk.accept(mobiles(1))) as [TestAlert];
    await scene.desk.age([bulk, normal], 73 * 3600);
    await createLanePauses(scene.db).pause('sms', 'bulk', 'sara', 'too many complaints');
    await expireBlocked({ db: scene.db });
    expect(await scene.desk.states([bulk, normal])).toEqual(['expired', 'queued']);
    await createLanePauses(scene.db).resume('sms', 'bulk');
  });

  it('all expire in one run, however many there are', async () => {
    const alerts = await scene.desk.accept(mobiles(450));
    await scene.desk.age(alerts, 73 * 3600);
    for (const name of ['kavenegar', 'kavenegar-other'])
      await lines().disable(name, 'closed', '403', 'the API key is not valid');
    await expireBlocked({ db: scene.db });
    expect(new Set(await scene.desk.states(alerts))).toEqual(new Set(['expired']));
  });
});
