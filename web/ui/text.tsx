import type { ComponentChildren } from 'preact';
import { jalaliDate, jalaliDateTime } from '../../core/text/jalali';

/** Numbers and addresses, which are read from the left wherever they stand. */
export const Ltr = ({ children }: { children: ComponentChildren }) => <bdi dir="ltr">{children}</bdi>;

/** A mailbox, which a narrow column breaks where one would: after its @. */
export function Mailbox({ address }: { address: string }) {
  const place = address.lastIndexOf('@') + 1;
  return (
    <Ltr>
      {address.slice(0, place)}
      <wbr />
      {address.slice(place)}
    </Ltr>
  );
}

/** An instant as a Jalali day of Tehran, with the time of day if that matters: from the right, the day comes first. */
export const When = ({ at, time = false }: { at: Date; time?: boolean }) => (
  <time dateTime={at.toISOString()}>{time ? jalaliDateTime(at) : jalaliDate(at)}</time>
);
