import type { LegalDates as Dates } from '../../core/inbox/owner-notice-view';
import { DescriptionList } from '../ui/content';
import { When } from '../ui/text';

/** The dates of service, by law and in fact, and the last day to object if the kind of notice has one. */
export const LegalDates = ({ legal: { registeredAt, firstViewedAt, deadline } }: { legal: Dates }) => (
  <section class="stack">
    <h2>تاریخ‌های قانونی</h2>
    <DescriptionList
      entries={[
        ['تاریخ ثبت (ابلاغ قانونی)', <When key="registered" at={registeredAt} time />],
        ['تاریخ مشاهده (ابلاغ واقعی)', firstViewedAt && <When key="viewed" at={firstViewedAt} time />],
        [deadline?.title ?? '', deadline?.lastDay && <When key="deadline" at={deadline.lastDay} />],
      ]}
    />
    {deadline && <p class="hint">{deadline.legalBasis}</p>}
  </section>
);
