import { createChannels } from '../../core/channels/channels';
import { ChannelClosed, NotSent } from '../../core/channels/outcomes';
import { sendSms } from '../../workers/send-sms';
import { expireBehindShutChannels, reopenPausedSms } from '../../workers/watch-channels';
import { type AlertDesk, createAlertDesk, mobiles, outboxIds, type TestAlert } from '../support/alert-desk';
import { useDatabase } from '../support/database';
import { type Providers, startProviders } from './providers';

const test = useDatabase();
let desk: AlertDesk;
let providers: Providers;
const kick = jest.fn();

beforeAll(async () => {
  desk = await createAlertDesk(test.db);
});
beforeEach(async () => {
  for (const channel of ['sms', 'email'] as const) await createChannels(test.db).open(channel);
  providers = await startProviders();
  kick.mockClear();
});
afterEach(() => providers.close());

const reopen = () => reopenPausedSms({ db: test.db, sms: providers.sms, log: providers.log, kick });
const shut = () => createChannels(test.db).shut();
const send = (alerts: TestAlert[]) =>
  sendSms(providers.sendSmsDeps(test.db), 'sms-normal', outboxIds(alerts));

describe('a channel that ran out of credit', () => {
  it('opens again by itself once the credit is back, and its alerts go out', async () => {
    const alerts = await desk.accept(mobiles(3));
    providers.kavenegar.setCredit(0);
    await send(alerts);
    await reopen();
    expect(await shut()).toEqual(['sms']);
    expect(kick).not.toHaveBeenCalled();
    providers.kavenegar.setCredit(1_000_000);
    await reopen();
    expect(await shut()).toEqual([]);
    expect(kick).toHaveBeenCalledTimes(1);
    await send(alerts);
    expect(await desk.states(alerts)).toEqual(['sent', 'sent', 'sent']);
  });

  it('stays shut while the provider cannot be asked', async () => {
    await createChannels(test.db).shutDown('sms', 'paused', '418', 'the credit is not enough');
    providers.kavenegar.setBehaviour(() => ({ status: 403 }));
    await expect(reopen()).rejects.toBeInstanceOf(ChannelClosed);
    await providers.close();
    await expect(reopen()).rejects.toBeInstanceOf(NotSent);
    expect(await shut()).toEqual(['sms']);
  });
});

describe('a channel that is not paused', () => {
  it('is not asked about, whether it is open or waits for a person', async () => {
    await reopen();
    await createChannels(test.db).shutDown('sms', 'closed', '403', 'the API key is not valid');
    await reopen();
    expect(await shut()).toEqual(['sms']);
    expect(providers.kavenegar.calls()).toBe(0);
    expect(kick).not.toHaveBeenCalled();
  });
});

describe('alerts behind a shut channel', () => {
  it('expire in their time, in every lane, and are told of', async () => {
    const alerts = (
      await Promise.all([
        desk.accept(mobiles(1), { lane: 'urgent' }),
        desk.accept(mobiles(1), { lane: 'bulk' }),
        desk.accept(['ali@example.org']),
      ])
    ).flat();
    const [waiting] = (await desk.accept(mobiles(1))) as [TestAlert];
    await desk.age(alerts, 73 * 3600);
    await createChannels(test.db).shutDown('sms', 'closed', '403', 'the API key is not valid');
    await expireBehindShutChannels({ db: test.db });
    await expireBehindShutChannels({ db: test.db });
    expect(await desk.states([...alerts, waiting])).toEqual(['expired', 'expired', 'queued', 'queued']);
    expect(await desk.events(alerts[0] as TestAlert)).toMatchObject([
      { type: 'alert.expired', data: { channel: 'sms' } },
    ]);
    expect(await desk.work(alerts[0] as TestAlert)).toBeNull();
    await createChannels(test.db).shutDown('email', 'closed', '535', 'credentials');
    await expireBehindShutChannels({ db: test.db });
    expect((await desk.states(alerts))[2]).toBe('expired');
  });
});
