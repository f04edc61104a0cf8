import { toPersianDigits } from '../../core/text/normalise';
import { Copyable } from '../ui/content';

/** A passcode, shown in Persian digits and copied in ASCII digits, which every system accepts. */
export const Passcode = ({ passcode }: { passcode: string }) => (
  <Copyable text={passcode} shown={toPersianDigits(passcode)} label="رونوشت" />
);
