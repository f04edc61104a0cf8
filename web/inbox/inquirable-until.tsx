import type { PermitOnNotice } from '../../core/inbox/permit-on-notice';
import { When } from '../frame/text';

/** The last day on which a permit holds; one that has run out is told of, because nobody else tells its owner. */
export function InquirableUntil({ permit }: { permit: PermitOnNotice | null }) {
  if (!permit) return <span class="none">ندارد</span>;
  if (permit.state === 'live') return <LastDay of={permit} />;
  return (
    <>
      <span class="none">ندارد</span>
      <small class="none">
        مهلت مجوز در <LastDay of={permit} /> به پایان رسید
      </small>
    </>
  );
}

/** A permit ends at midnight, so its last day is that of the instant before. */
export const LastDay = ({ of }: { of: Pick<PermitOnNotice, 'expiresAt'> }) => (
  <When at={new Date(of.expiresAt.getTime() - 1)} />
);
