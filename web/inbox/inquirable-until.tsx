import type { PermitOnNotice } from '../../core/inbox/permit-on-notice';
import { lastInquirableDay } from '../../core/permits/permit-durations';
import { When } from '../ui/text';

/** The last day on which a permit holds. An expired permit is shown as well, because its owner gets no other message about it. */
export function InquirableUntil({ permit }: { permit: PermitOnNotice | null }) {
  if (!permit) return <span class="none">ندارد</span>;
  if (permit.state === 'live') return <LastInquirableDay of={permit} />;
  return (
    <>
      <span class="none">ندارد</span>
      <small class="none">
        مهلت مجوز در <LastInquirableDay of={permit} /> به پایان رسید
      </small>
    </>
  );
}

export const LastInquirableDay = ({ of }: { of: Pick<PermitOnNotice, 'expiresAt'> }) => (
  <When at={lastInquirableDay(of.expiresAt)} />
);
