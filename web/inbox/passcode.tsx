import { toPersianDigits } from '../../core/text/normalise';
import { Copyable } from '../ui/content';

/** Shown in the digits of the page, copied in ASCII ones, as every system takes them. */
export const Passcode = ({ passcode }: { passcode: string }) => (
  <Copyable text={passcode} shown={toPersianDigits(passcode)} label="رونوشت" />
);
