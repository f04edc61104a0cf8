import {
  ALERT_STATES,
  ALERT_TRANSITIONS,
  type AlertState,
  ATTEMPT_OUTCOMES,
  DEAD_STATES,
  isAllowedTransition,
} from '../../../core/alerts/states';
import { createAlertDesk, mobiles } from '../../support/alert-desk';
import { forceAlertState } from '../../support/alert-states';
import { useDatabase } from '../../support/database';

const test = useDatabase();
let alertId: string;

beforeAll(async () => {
  const desk = await createAlertDesk(test.db);
  const [alert] = await desk.accept(mobiles(1));
  alertId = alert?.alertId as string;
});

const edges = ALERT_STATES.flatMap((from) => ALERT_STATES.map((to) => [from, to] as const));

/** The texts in the CHECK of a column. */
async function checkedTexts(table: string, column: string): Promise<string[]> {
  const [row] = await test.db.query<{ definition: string }>(
    `SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint
      WHERE conrelid = $1::regclass AND contype = 'c' AND pg_get_constraintdef(oid) LIKE 'CHECK ((' || $2 || ' = ANY%'`,
    [table, column],
  );
  return Array.from(row?.definition.matchAll(/'(\w+)'::text/g) ?? [], ([, text]) => text as string);
}

describe('PostgreSQL', () => {
  it.each(edges)('judges %s → %s as the list of transitions does', async (from, to) => {
    await forceAlertState(test.db, [alertId], from);
    const change = test.db.query('UPDATE alerts SET state = $2 WHERE id = $1', [alertId, to]);
    if (isAllowedTransition(from, to)) await expect(change).resolves.toEqual([]);
    else await expect(change).rejects.toThrow(`alert ${alertId} cannot go from ${from} to ${to}`);
  });

  it('leaves alerts alone whose state does not change', async () => {
    await forceAlertState(test.db, [alertId], 'delivered');
    await expect(
      test.db.query(`UPDATE alerts SET address = '', state = state WHERE id = $1`, [alertId]),
    ).resolves.toEqual([]);
  });

  it.each([
    ['alerts', 'state', ALERT_STATES],
    ['attempts', 'outcome', ATTEMPT_OUTCOMES],
    ['dead_alerts', 'state', DEAD_STATES],
  ] as const)('knows the same words in %s.%s', async (table, column, words) => {
    expect((await checkedTexts(table, column)).sort()).toEqual([...words].sort());
  });
});

describe('the list of transitions', () => {
  it('leads from every state to an end', () => {
    const ends = (from: AlertState, seen: AlertState[] = []): boolean =>
      ALERT_TRANSITIONS[from].length === 0 ||
      ALERT_TRANSITIONS[from].some((to) => !seen.includes(to) && ends(to, [...seen, from]));
    expect(ALERT_STATES.filter((state) => !ends(state))).toEqual([]);
  });

  it('never leaves what was delivered or cancelled', () => {
    expect([ALERT_TRANSITIONS.delivered, ALERT_TRANSITIONS.cancelled]).toEqual([[], []]);
  });
});
