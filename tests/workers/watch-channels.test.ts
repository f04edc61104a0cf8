import { createLanePauses } from '../../core/channels/lane-pauses';
import { createLines } from '../../core/channels/lines';
import { NotSent } from '../../core/channels/outcomes';
import { sendSms } from '../../workers/sms/send-sms';
import { expireBlocked, registerLines, reopenPausedLines } from '../../workers/watch-channels';
import { type AlertDesk, createAlertDesk, mobiles, outboxIds, type TestAlert } from '../support/alert-desk';
import { useDatabase } from '../support/database';
import { shutChannels } from '../support/shut-channels';
import { type Providers, startProviders } from './providers';

const test = useDatabase();
let desk: AlertDesk;
let providers: Providers;
const kick = jest.fn();

beforeAll(async () => {
  desk = await createAlertDesk(test.db);
});
beforeEach(async () => {
  for (const channel of ['sms', 'email'] as const) await createLines(test.db).openChannel(channel);
  providers = await startProviders();
  kick.mockClear();
});
afterEach(() => providers.close());

const watched = () => ({ db: test.db, lines: providers.lines, log: providers.log, kick });
const reopen = () => reopenPausedLines(watched());
const lines = () => createLines(test.db);
const stateOf = async (name: string) => (await lines().list()).find((line) => line.name === name)?.state;
const send = (alerts: TestAlert[]) =>
  sendSms(providers.sendSmsDeps(test.db), 'sms-normal', outboxIds(alerts));
const NO_CREDIT = ['paused', '418', 'the credit is not enough'] as const;

describe('a line that ran out of credit', () => {
  it('opens again by itself once the credit is back, and its alerts go out', async () => {
    const alerts = await desk.accept(mobiles(3));
    providers.kavenegar.setCredit(0);
    await send(alerts);
    await reopen();
    expect(await shutChannels(test.db)).toEqual(['sms']);
    expect(kick).not.toHaveBeenCalled();
    providers.kavenegar.setCredit(1_000_000);
    await reopen();
    expect(await shutChannels(test.db)).toEqual([]);
    expect(kick).toHaveBeenCalledTimes(1);
    await send(alerts);
    expect(await desk.states(alerts)).toEqual(['sent', 'sent', 'sent']);
  });

  it('stays paused while the provider cannot be asked', async () => {
    await lines().disable('kavenegar', ...NO_CREDIT);
    await providers.close();
    await expect(reopen()).rejects.toBeInstanceOf(NotSent);
    expect(await stateOf('kavenegar')).toBe('paused');
  });

  it('waits for a person when its key is refused meanwhile, and tells of it once', async () => {
    await lines().disable('kavenegar', ...NO_CREDIT);
    providers.kavenegar.setBehaviour(() => ({ status: 403 }));
    await reopen();
    await reopen();
    expect(await stateOf('kavenegar')).toBe('closed');
    expect(providers.logged).toMatchObject([
      { level: 50, line: 'kavenegar', code: '403', opensByItself: false },
    ]);
  });

  it('opens though another line that is paused does not answer', async () => {
    const other = await startProviders({}, { line: 'kavenegar-other' });
    await registerLines({ db: test.db, lines: other.lines }, null);
    await lines().disable('kavenegar-other', ...NO_CREDIT);
    await lines().disable('kavenegar', ...NO_CREDIT);
    await other.close();
    await expect(
      reopenPausedLines({ ...watched(), lines: [...other.lines, ...providers.lines] }),
    ).rejects.toBeInstanceOf(NotSent);
    expect(await stateOf('kavenegar')).toBe('open');
    expect(await stateOf('kavenegar-other')).toBe('paused');
  });
});

describe('a line that is not paused', () => {
  it('is not asked about, whether it is open or waits for a person', async () => {
    await reopen();
    await lines().disable('kavenegar', 'closed', '403', 'the API key is not valid');
    await reopen();
    expect(await stateOf('kavenegar')).toBe('closed');
    expect(providers.kavenegar.calls()).toBe(0);
    expect(kick).not.toHaveBeenCalled();
  });
});

describe('the lines of a process', () => {
  it('are registered with those of the mail server, the SMS lines at the rate of the settings', async () => {
    await registerLines({ db: test.db, lines: providers.lines }, 40);
    await registerLines({ db: test.db, lines: providers.lines }, 50);
    expect(await lines().list()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'kavenegar', perSecond: 40, seenAt: expect.any(Date) }),
        expect.objectContaining({ name: 'smtp', perSecond: null, seenAt: expect.any(Date) }),
      ]),
    );
    await lines().setRate('kavenegar', null);
  });
});

describe('alerts that are held back', () => {
  it('by a shut channel expire in their time, in every lane, and are told of', async () => {
    const alerts = (
      await Promise.all([
        desk.accept(mobiles(1), { lane: 'urgent' }),
        desk.accept(mobiles(1), { lane: 'bulk' }),
        desk.accept(['ali@example.org']),
      ])
    ).flat();
    const [waiting] = (await desk.accept(mobiles(1))) as [TestAlert];
    await desk.age(alerts, 73 * 3600);
    for (const name of ['kavenegar', 'kavenegar-other'])
      await lines().disable(name, 'closed', '403', 'the API key is not valid');
    await expireBlocked({ db: test.db });
    await expireBlocked({ db: test.db });
    expect(await desk.states([...alerts, waiting])).toEqual(['expired', 'expired', 'queued', 'queued']);
    expect(await desk.events(alerts[0] as TestAlert)).toMatchObject([
      { type: 'alert.expired', data: { channel: 'sms' } },
    ]);
    expect(await desk.work(alerts[0] as TestAlert)).toBeNull();
    await lines().disable('smtp', 'closed', '535', 'credentials');
    await expireBlocked({ db: test.db });
    expect((await desk.states(alerts))[2]).toBe('expired');
  });

  it('by a paused lane expire as well, and those of the other lanes are left to their workers', async () => {
    const [bulk] = (await desk.accept(mobiles(1), { lane: 'bulk' })) as [TestAlert];
    const [normal] = (await desk.accept(mobiles(1))) as [TestAlert];
    await desk.age([bulk, normal], 73 * 3600);
    await createLanePauses(test.db).pause('sms', 'bulk', 'sara', 'too many complaints');
    await expireBlocked({ db: test.db });
    expect(await desk.states([bulk, normal])).toEqual(['expired', 'queued']);
    await createLanePauses(test.db).resume('sms', 'bulk');
  });

  it('all expire in one go, however many there are', async () => {
    const alerts = await desk.accept(mobiles(450));
    await desk.age(alerts, 73 * 3600);
    for (const name of ['kavenegar', 'kavenegar-other'])
      await lines().disable(name, 'closed', '403', 'the API key is not valid');
    await expireBlocked({ db: test.db });
    expect(new Set(await desk.states(alerts))).toEqual(new Set(['expired']));
  });
});
