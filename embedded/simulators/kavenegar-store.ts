import { smsSegments } from '../../core/text/sms-segments';
import type { IdSource } from './id-source';
import { openJournal } from './journal';
import { type DeliveryResult, deliveryResultFor } from './magic-receivers';
import { STATUS_TTL_MS, type StatusDelays, statusAt } from './message-status';

const LOCAL_ID_TTL_MS = 12 * 3_600_000;
const RIAL_PER_PART = 1_500;

/** A message to be sent, as a call asks for it. */
export interface Draft {
  /** Absent for calls that name none: then a repeat is a second message. */
  localId: string | null;
  /** 11 digits, 09… */
  receptor: string;
  text: string;
  sender: string;
  /** Sent by verify/lookup, which a block list of its receptor does not hold up. */
  byTemplate?: true;
}

/** A message the service accepted. */
export interface SmsRecord extends Draft {
  id: number;
  /** Milliseconds of the clock. */
  at: number;
  /** Rial. */
  cost: number;
  parts: number;
}

/** An accepted message with what has become of it so far. */
export interface SimulatedSms extends Omit<SmsRecord, 'at'> {
  at: Date;
  status: number;
}

/** What will become of a message. */
export function deliveryResultOf({ receptor, byTemplate }: Draft): DeliveryResult {
  const fate = deliveryResultFor(receptor);
  return byTemplate && fate === 'blocked' ? 'delivered' : fate;
}

/** What is known of a localid; a message only once one was accepted. */
interface LocalIdSlot {
  sendAttempts: number;
  sms: SmsRecord | undefined;
}

export interface StoreSettings extends StatusDelays {
  ids: IdSource;
  now: () => number;
  credit: number;
  journal: string | undefined;
  /** How many messages are remembered at most; the oldest are forgotten first. */
  maxMessages: number;
  onAccepted: (sms: SmsRecord) => void;
}

export type KavenegarStore = ReturnType<typeof createKavenegarStore>;

/**
 * The account behind the simulator: messages, credit, and what each message's status is by the clock. It has
 * no timer and no promise per message.
 */
export function createKavenegarStore(settings: StoreSettings) {
  const { ids, now, maxMessages, onAccepted } = settings;
  const locals = new Map<string, LocalIdSlot>();
  /** In the order of acceptance, so by id; `first` is where what is still remembered begins. */
  const order: SmsRecord[] = [];
  let first = 0;
  let credit = settings.credit;

  const slotOf = (localId: string): LocalIdSlot => {
    let slot = locals.get(localId);
    if (slot) return slot;
    slot = { sendAttempts: 0, sms: undefined };
    locals.set(localId, slot);
    return slot;
  };
  const remembered = (sms: SmsRecord) => {
    order.push(sms);
    if (order.length - first > maxMessages) forgetOldest();
  };
  const forgetOldest = () => {
    const oldest = order[first++] as SmsRecord;
    if (oldest.localId !== null && locals.get(oldest.localId)?.sms === oldest) locals.delete(oldest.localId);
    if (first <= maxMessages) return;
    order.splice(0, first);
    first = 0;
  };
  const journal = settings.journal
    ? openJournal<SmsRecord>(
        settings.journal,
        (sms) => {
          ids.skipPast(sms.id);
          const worthKeeping = now() - sms.at < STATUS_TTL_MS;
          if (worthKeeping && sms.localId !== null) slotOf(sms.localId).sms = sms;
          if (worthKeeping) remembered(sms);
          return worthKeeping;
        },
        maxMessages,
      )
    : undefined;

  const statusOf = (sms: SmsRecord): number => statusAt(deliveryResultOf(sms), now() - sms.at, settings);
  const stillKnown = (sms: SmsRecord | undefined): SmsRecord | undefined =>
    sms && now() - sms.at < LOCAL_ID_TTL_MS ? sms : undefined;
  const byId = (id: number): SmsRecord | undefined => {
    let low = first;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((order[middle] as SmsRecord).id < id) low = middle + 1;
      else high = middle;
    }
    return order[low]?.id === id ? order[low] : undefined;
  };

  return {
    statusOf,
    byId,
    byLocal: (localId: string): SmsRecord | undefined => stillKnown(locals.get(localId)?.sms),
    credit: (): number => credit,
    setCredit(rial: number): void {
      credit = rial;
    },

    /** Counts that a send was tried, whatever becomes of it. */
    countAttempts(drafts: Draft[]): void {
      for (const { localId } of drafts) {
        if (localId !== null) slotOf(localId).sendAttempts += 1;
      }
    },
    attempts: (localId: string): number => locals.get(localId)?.sendAttempts ?? 0,

    /** Sends what was not sent before; a known localid gives its first record back. */
    accept(drafts: Draft[]): SmsRecord[] {
      const at = now();
      return drafts.map((draft) => {
        const slot = draft.localId === null ? undefined : slotOf(draft.localId);
        const known = stillKnown(slot?.sms);
        if (known) return known;
        const parts = smsSegments(draft.text);
        const sms: SmsRecord = { id: ids.next(at), ...draft, at, cost: parts * RIAL_PER_PART, parts };
        if (deliveryResultOf(sms) !== 'blocked') credit -= sms.cost;
        if (slot) slot.sms = sms;
        remembered(sms);
        journal?.append(sms);
        onAccepted(sms);
        return sms;
      });
    },

    /** Forgets localids the way the service does after 12 hours; all of them when none is named. */
    expireLocalIds(localId?: string): void {
      const slots = localId === undefined ? [...locals.values()] : [slotOf(localId)];
      for (const slot of slots) slot.sms = undefined;
    },

    count: (): number => order.length - first,
    /** The oldest first. */
    messages: (): SimulatedSms[] => order.slice(first).map(asSimulated),
    /** The newest first, those numbered above `after` only. */
    latest(limit: number, after = 0): SimulatedSms[] {
      const found: SimulatedSms[] = [];
      for (let at = order.length - 1; at >= first && found.length < limit; at--) {
        const sms = order[at] as SmsRecord;
        if (sms.id <= after) break;
        found.push(asSimulated(sms));
      }
      return found;
    },
    close: async () => journal?.close(),
  };

  function asSimulated(sms: SmsRecord): SimulatedSms {
    return { ...sms, at: new Date(sms.at), status: statusOf(sms) };
  }
}
