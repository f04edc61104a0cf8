import { readEmailContents } from '../../../core/alerts/email-contents';
import { createAlertDesk } from '../../support/alert-desk';
import { useDatabase } from '../../support/database';

const test = useDatabase();

describe('the contents of email alerts', () => {
  it('are read for a whole set, by alert', async () => {
    const desk = await createAlertDesk(test.db);
    const alerts = await desk.accept(['ali@example.org', 'sara@example.org']);
    const contents = await readEmailContents(test.db, [...alerts.map(({ alertId }) => alertId), '999999']);
    expect([...contents.keys()].sort()).toEqual(alerts.map(({ alertId }) => alertId).sort());
    expect(contents.get(alerts[1]?.alertId as string)).toEqual({
      alertId: alerts[1]?.alertId,
      noticeId: alerts[1]?.noticeId,
      to: 'sara@example.org',
      recipientName: 'شرکت نمونه',
      trackingNumber: expect.stringMatching(/^\d{12}$/),
      sourceTitle: expect.stringMatching(/^سامانه /),
      registeredAt: expect.any(Date),
    });
  });
});
