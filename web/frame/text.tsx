import type { ComponentChildren } from 'preact';
import { jalaliDate, jalaliDateTime } from '../../core/text/jalali';

/** Numbers and addresses, which are read from the left wherever they stand. */
export const Ltr = ({ children }: { children: ComponentChildren }) => <bdi dir="ltr">{children}</bdi>;

/** An instant as a Jalali day of Tehran, with the time of day if that matters. */
export const When = ({ at, time = false }: { at: Date; time?: boolean }) => (
  <time dateTime={at.toISOString()} dir="ltr">
    {time ? jalaliDateTime(at) : jalaliDate(at)}
  </time>
);
