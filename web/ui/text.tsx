import type { ComponentChildren } from 'preact';
import { jalaliDate, jalaliDateTime } from '../../core/text/jalali';

/** Text that is read from left to right also within Persian text: numbers and addresses. */
export const Ltr = ({ children }: { children: ComponentChildren }) => <bdi dir="ltr">{children}</bdi>;

/** An email address that a narrow column may break after the @. */
export function Mailbox({ address }: { address: string }) {
  const breakAt = address.lastIndexOf('@') + 1;
  return (
    <Ltr>
      {address.slice(0, breakAt)}
      <wbr />
      {address.slice(breakAt)}
    </Ltr>
  );
}

/** An instant as a Jalali date in Tehran; with `time`, also the time of day, to the left of the date. */
export const When = ({ at, time = false }: { at: Date; time?: boolean }) => (
  <time dateTime={at.toISOString()}>{time ? jalaliDateTime(at) : jalaliDate(at)}</time>
);
